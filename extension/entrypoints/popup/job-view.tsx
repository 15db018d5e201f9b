/** A page that has been read: what is happening to it, its text, and what can be done next. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Finding } from '../../ai/verify'
import type { Captured, Job } from '../../job'
import { send } from '../../messages'
import type { Settings } from '../../storage'
import { announcementOf } from './announcement'
import { Announcer } from './announcer'
import { CheckPanel } from './check-panel'
import { download } from './download'
import { useEdits } from './edits'
import { fileNameOf } from './file-name'
import { locate } from './locate'
import { Notice } from './notice'
import { type Move, noticeOf } from './notices'
import { bareEdit, bareOf, jsonOf, markdownOf, type Variant } from './output'
import type { Jump } from './preview'
import { Result } from './result'
import { Segmented } from './segmented'
import { Status } from './status'
import { copyWords, useCopy } from './use-copy'
import type { Scope } from './use-page'
import { Working } from './working'

const VARIANTS = [
  { value: 'ai', label: 'AI' },
  { value: 'offline', label: 'Offline' },
] as const

interface Props {
  job: Job & { captured: Captured }
  settings: Settings
  /** The primary action was pressed and not carried out yet. */
  isPressed: boolean
  onPressDone: () => void
  onMode: (mode: Settings['mode']) => Promise<void>
  onKey: () => void
  onScope: (scope: Scope) => void
  onPick: () => void
}

export function JobView({ job, settings, isPressed, onPressDone, onMode, onKey, onScope, onPick }: Props): JSX.Element {
  const { captured, id } = job
  const { edits, edit, isLoaded } = useEdits(id, captured)
  const { copied, copy, markSaved } = useCopy()
  const [side, setSide] = useState<Variant | null>(null)
  const [jump, setJump] = useState<Jump | null>(null)
  const copiesAiResult = useRef(false)

  const edited = edits.offline === undefined ? null : bareEdit(job, edits.offline, settings.citation)
  // Someone who changed the offline text while AI was at work sees their own words first.
  const preferred = edited === captured.edited ? 'ai' : 'offline'
  const shown: Variant = job.state === 'improved' ? (side ?? preferred) : 'offline'
  const made = (variant: Variant) => (job.state === 'improving' ? 'ai' : variant)
  const textOf = (variant: Variant) => {
    return edits[variant] ?? markdownOf(job, made(variant), settings.citation)
  }
  const text = textOf(shown)

  const improve = async (answers: { consented?: boolean; hides?: boolean; which?: 'all' | 'first' } = {}) => {
    copiesAiResult.current = true
    edit('ai', null)
    const changed = edited === captured.edited ? {} : { edited }
    // Whoever asks for AI has left Offline Mode, and the switch has to say so before anything is sent.
    if (settings.mode === 'offline') await onMode('ai')
    send({ do: 'improve', id, ...changed, ...answers }).catch(() => {})
  }

  useEffect(() => {
    if (!isPressed || !isLoaded) return
    onPressDone()
    // Too little text is a question first: what was on the clipboard may be worth more.
    if (job.state === 'empty') return
    copy('Markdown', text)
    if (settings.mode === 'ai' && job.state === 'ready') improve()
  }, [isPressed, isLoaded])

  useEffect(() => {
    if (job.state !== 'improved' || !copiesAiResult.current) return
    copiesAiResult.current = false
    if (shown === 'ai') copy('Markdown', text)
  }, [job.state])

  const moves: Record<Move, () => void> = {
    consent: () => improve({ consented: true }),
    decline: () => {
      onMode('offline')
      send({ do: 'keep-offline', id }).catch(() => {})
    },
    'hide-private': () => improve({ hides: true }),
    'send-as-is': () => improve({ hides: false }),
    'improve-all': () => improve({ which: 'all' }),
    'improve-first': () => improve({ which: 'first' }),
    'keep-offline': () => send({ do: 'keep-offline', id }).catch(() => {}),
    'try-again': () => improve(),
    'your-key': onKey,
    pick: onPick,
    wider: () => onScope('wider'),
    narrower: () => onScope('narrower'),
    'whole-page': () => onScope('whole'),
    'read-again': () => onScope(captured.page.scope),
    copy: () => copy('Markdown', text),
  }

  const find = (finding: Finding) => {
    const variant: Variant = finding.what === 'lost' ? 'offline' : 'ai'
    const wanted = textOf(variant)
    setSide(variant)
    // A citation only ever adds to the top, so places are counted from the end.
    setJump(locate(wanted, finding.quote, wanted.length - bareOf(job, variant).length + finding.start))
  }

  const notice = noticeOf(job, new Date())
  const copyLine = copyWords(copied, text, edits[shown] !== undefined)
  return (
    <div class="result">
      <Announcer words={announcementOf(job, notice, copyLine?.words ?? null)} />
      {notice && (
        <Notice {...notice} actions={notice.moves.map(({ label, move }) => ({ label, onPress: moves[move] }))} />
      )}
      {job.state === 'improving' ? (
        <Working
          parts={job.parts}
          waitingUntilMs={job.waitingUntilMs}
          onCancel={() => send({ do: 'cancel', id }).catch(() => {})}
        />
      ) : (
        <Status job={job} copy={copyLine}>
          {job.state === 'improved' && (
            <Segmented name="variant" legend="Which text" value={shown} choices={VARIANTS} onChoose={setSide} />
          )}
          {job.state === 'ready' && settings.mode === 'ai' && (
            <button type="button" class="button" onClick={() => improve()}>
              Improve with AI
            </button>
          )}
        </Status>
      )}
      <Result
        captured={captured}
        text={text}
        label={job.state === 'improved' ? `${shown === 'ai' ? 'AI' : 'Offline'} text, editable` : 'Text, editable'}
        jump={jump}
        isEdited={edits[shown] !== undefined}
        onEdit={(edited) => edit(shown, edited)}
        onCopy={() => copy('Markdown', text)}
        onSave={() => {
          download(fileNameOf(captured, settings.fileName), text, 'text/markdown')
          markSaved(text)
        }}
        onJson={() => copy('JSON', text, jsonOf(captured, edits[shown] ?? bareOf(job, made(shown))))}
        onScope={onScope}
      >
        {/* Findings are found again in edited text; that there are none was said of the answer alone. */}
        {job.state === 'improved' && (edits[shown] === undefined || job.verification.findings.length > 0) && (
          <CheckPanel verification={job.verification} onFind={find} />
        )}
      </Result>
    </div>
  )
}
