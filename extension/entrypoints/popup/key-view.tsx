/** Your own key: where it goes, which model, and one press that shows whether it works. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { PROVIDERS, type ProviderId, providerOf } from '../../ai/providers'
import { send } from '../../messages'
import type { Settings } from '../../storage'
import { Announcer } from './announcer'
import { Row, SelectRow } from './field'
import { Icon } from './icons'
import { addressOf, addressWords, allow, type Draft, isAllowed, type Outcome, testKey } from './key-test'
import { ModelRow } from './model-row'
import { keyProblem } from './notices'
import { Segmented } from './segmented'
import type { SavedKeys } from './use-saved-keys'
import { hostOf } from './words'

const SOURCES = [
  { value: 'free', label: 'Free cleanups' },
  { value: 'own-key', label: 'Your key' },
] as const

interface Props {
  keys: SavedKeys
  settings: Settings
  onSource: (source: Settings['aiSource']) => void
  onSaved: () => void
  /** The provider whose test the browser's question interrupted. */
  resumes: ProviderId | null
  onResumed: () => void
}

type Test =
  | { state: 'none' }
  | { state: 'running' }
  | { state: 'done'; outcome: Outcome }
  | { state: 'bad-address'; words: string }

const NOT_ALLOWED = { ok: false, problem: 'not-allowed' } as const

export function KeyView({ keys, settings, onSource, onSaved, resumes, onResumed }: Props): JSX.Element {
  const [chosen, setChosen] = useState<Partial<Draft>>(resumes ? { provider: resumes } : {})
  const [models, setModels] = useState<readonly string[]>([])
  const [test, setTest] = useState<Test>({ state: 'none' })

  const provider = chosen.provider ?? keys.active?.provider ?? 'groq'
  const saved = keys.list?.find((key) => key.provider === provider) ?? null
  const draft: Draft = {
    provider,
    baseUrl: chosen.baseUrl ?? (provider === 'custom' ? (saved?.baseUrl ?? '') : ''),
    // A local model needs no key: an empty field means none, unless one is saved.
    key: chosen.key ?? (saved ? null : ''),
    model: chosen.model ?? saved?.model ?? '',
  }
  const host = hostOf(addressOf(draft))
  const { keyPage, keyLooksLike } = providerOf(provider)

  const change = (changed: Partial<Draft>) => {
    setChosen({ ...chosen, ...changed })
    setTest({ state: 'none' })
  }
  const changeKey = (typed: string) => {
    // An emptied field means the saved key again.
    const { key: _, ...others } = chosen
    setChosen(typed === '' ? others : { ...others, key: typed })
    setTest({ state: 'none' })
  }
  const address = addressOf(draft)
  const isKnown = useAllowed(address)

  const run = async () => {
    const words = addressWords(draft)
    if (words) return setTest({ state: 'bad-address', words })
    if (draft.key === '' && provider !== 'custom') {
      return setTest({ state: 'done', outcome: { ok: false, problem: 'missing', models } })
    }
    setTest({ state: 'running' })
    // The question comes before anything else is awaited: the browser asks it only for a press.
    const outcome = await (isKnown ? Promise.resolve(true) : allow(draft))
      .then((allowed): Outcome | Promise<Outcome> => (allowed ? testKey(draft) : { ...NOT_ALLOWED, models }))
      .catch((): Outcome => ({ ok: false, problem: 'failed', models }))
    if (outcome.models.length > 0) setModels(outcome.models)
    setTest({ state: 'done', outcome })
    if (outcome.ok) {
      // It is the background's now; the field shows it masked, like any saved key.
      await keys.refresh()
      setChosen({ provider })
      onSaved()
    }
  }
  useEffect(() => {
    // An earlier opening ended with the browser's question. It has been answered; try what was typed then.
    if (!resumes || keys.list === null) return
    onResumed()
    isAllowed(address).then((allowed) =>
      allowed ? run() : setTest({ state: 'done', outcome: { ...NOT_ALLOWED, models } }),
    )
  }, [resumes, keys.list])

  const remove = async () => {
    await send({ do: 'key.remove', provider }).catch(() => {})
    setChosen({ provider })
    setModels([])
    setTest({ state: 'none' })
    await keys.refresh()
  }

  const said = testWords(test, host)
  return (
    <main class="screen form">
      {keys.list !== null && keys.list.length > 0 && (
        <div class="row">
          <span class="label" aria-hidden="true">
            AI uses
          </span>
          <Segmented name="source" legend="AI uses" value={settings.aiSource} choices={SOURCES} onChoose={onSource} />
        </div>
      )}
      <SelectRow
        label="Provider"
        name="provider"
        value={provider}
        options={PROVIDERS.map(({ id, label }) => [id, label] as const)}
        onChoose={(value: ProviderId) => {
          setModels([])
          setChosen({ provider: value })
          setTest({ state: 'none' })
        }}
      />
      {provider === 'custom' && (
        <Row label="Address" name="address">
          <input
            id="address"
            class="input"
            data-mono
            type="url"
            inputMode="url"
            placeholder="http://localhost:11434/v1"
            value={draft.baseUrl}
            onInput={(event) => change({ baseUrl: event.currentTarget.value })}
          />
        </Row>
      )}
      <Row label="Key" name="key">
        <input
          id="key"
          class="input"
          data-mono
          type="password"
          autocomplete="off"
          spellcheck={false}
          placeholder={saved?.maskedKey ?? keyLooksLike}
          aria-describedby="key-where"
          value={chosen.key ?? ''}
          onInput={(event) => changeKey(event.currentTarget.value.trim())}
        />
      </Row>
      <ModelRow models={models} model={draft.model} onModel={(model) => change({ model })} />
      <div class="actions">
        <button
          type="button"
          class="button"
          data-kind="primary"
          aria-disabled={test.state === 'running' || undefined}
          onClick={() => test.state !== 'running' && run()}
        >
          Test and save
        </button>
        {said && (
          <p class="tested" data-tone={said.isWell ? 'calm' : 'warn'}>
            {test.state !== 'running' && <Icon name={said.isWell ? 'check' : 'warn'} toned />}
            {said.words}
          </p>
        )}
      </div>
      <Announcer words={said?.words ?? ''} />
      <div class="group fine">
        <p class="small muted" id="key-where">
          {saved?.maskedKey && 'Paste a new key to replace the saved one. '}
          The key stays on this device
          {host && (
            <>
              , is sent only to <span class="nowrap">{host}</span>
            </>
          )}
          , and anyone who can use this browser profile can find it.
        </p>
        <div class="actions">
          {keyPage && (
            <a class="link small" href={keyPage} target="_blank" rel="noreferrer">
              Get a key from {providerOf(provider).label}
            </a>
          )}
          {saved && (
            <button type="button" class="button end" data-kind="danger" onClick={remove}>
              {saved.maskedKey ? 'Remove key' : 'Remove'}
            </button>
          )}
        </div>
      </div>
    </main>
  )
}

/** Known before the press, because the press itself may not wait for it. */
function useAllowed(address: string): boolean {
  const [allowed, setAllowed] = useState<string | null>(null)
  useEffect(() => {
    isAllowed(address).then((is) => setAllowed(is ? address : null))
  }, [address])
  return allowed === address
}

function testWords(test: Test, host: string): { words: string; isWell: boolean } | null {
  switch (test.state) {
    case 'none':
      return null
    case 'running':
      return { words: 'Trying…', isWell: true }
    case 'bad-address':
      return { words: test.words, isWell: false }
    case 'done':
      return test.outcome.ok
        ? { words: `Works, ${test.outcome.latencyMs} ms`, isWell: true }
        : { words: keyProblem(test.outcome.problem, host), isWell: false }
  }
}
