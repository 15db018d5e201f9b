/**
 * Trying a key for real, step by step: the browser's permission, the provider's list of models, one tiny call. The key
 * is passed to the background and never kept here longer than the field shows it.
 */
import { browser } from 'wxt/browser'
import { baseUrlProblem, originPattern, type ProviderId, providerOf } from '../../ai/providers'
import type { KeyProblem } from '../../job'
import { send } from '../../messages'
import { forget, remember } from './asked'

export interface Draft {
  provider: ProviderId
  /** Only for 'custom'. */
  baseUrl: string
  /** Null: the saved one. */
  key: string | null
  /** '' lets us choose from the provider's list. */
  model: string
}

export type Outcome =
  | { ok: true; latencyMs: number; model: string; models: readonly string[] }
  | { ok: false; problem: KeyProblem; models: readonly string[] }

export function addressOf({ provider, baseUrl }: Draft): string {
  return providerOf(provider).baseUrl ?? baseUrl.trim()
}

/** Why the address can't be used, in words; null if it can. */
export function addressWords(draft: Draft): string | null {
  switch (baseUrlProblem(addressOf(draft))) {
    case null:
      return null
    case 'not-an-address':
      return 'This is not an address. It looks like http://localhost:11434/v1.'
    case 'not-encrypted':
      return 'Use https:// here: only this computer itself can do without.'
    case 'has-credentials':
      return 'Leave the name and password out of the address; the key has its own field.'
  }
}

export const isAllowed = (address: string): Promise<boolean> =>
  baseUrlProblem(address) === null
    ? browser.permissions.contains({ origins: [originPattern(address)] })
    : Promise.resolve(false)

/**
 * Ask the browser for the address. Call inside the press itself, with nothing awaited before. The browser's question
 * may close the popup, so what was typed is handed to the background first; the next opening tries it.
 */
export async function allow(draft: Draft): Promise<boolean> {
  remember({ for: 'key', provider: draft.provider })
  if (draft.key !== null) {
    send({ do: 'key.save', ...connectionOf(draft), model: draft.model }).catch(() => {
      // Then it has to be pasted again, which the next opening shows.
    })
  }
  const allowed = await browser.permissions.request({ origins: [originPattern(addressOf(draft))] })
  await forget()
  return allowed
}

/** The list of models and one tiny call, at an address that is allowed. A working key is saved and used from now on. */
export async function testKey(draft: Draft): Promise<Outcome> {
  const connection = connectionOf(draft)
  const listed = await send({ do: 'key.models', ...connection })
  const models = listed.ok ? listed.models : []
  const model = draft.model || suggestedModel(models)
  // Without a list the call itself still tells: some local servers have none. Without a model there is nothing to call.
  if (model === '') return { ok: false, problem: listed.ok ? 'no-model' : listed.problem, models }
  const tested = await send({ do: 'key.test', ...connection, model })
  if (!tested.ok) return { ok: false, problem: tested.problem, models }
  await send({ do: 'key.save', ...connection, model })
  return { ok: true, latencyMs: tested.latencyMs, model, models }
}

function connectionOf({ provider, baseUrl, key }: Draft) {
  return { provider, baseUrl: provider === 'custom' ? baseUrl.trim() : null, key }
}

const NOT_FOR_TEXT =
  /whisper|tts|audio|speech|embed|guard|moderation|image|vision-preview|dall|sora|veo|imagen|rerank|ocr/i
const SMALL_AND_FAST = [/gpt-oss-20b/i, /flash(?!.*(live|image))/i, /haiku/i, /mini\b/i, /small|nano|8b/i]

/** A model that suits the job, from the provider's own list: text, and rather small, since cleaning up is easy work. */
export function suggestedModel(models: readonly string[]): string {
  const candidates = models.filter((model) => !NOT_FOR_TEXT.test(model))
  for (const pattern of SMALL_AND_FAST) {
    const found = candidates.find((model) => pattern.test(model))
    if (found) return found
  }
  return candidates[0] ?? ''
}
