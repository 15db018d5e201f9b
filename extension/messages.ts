/**
 * What the popup may ask of the background, parsed at the border. Answers come back through `send`; the page's job
 * itself is watched in storage (`jobItem` in storage.ts), so nothing is lost when the popup closes.
 *
 * Keys travel in one direction only: `key.test`, `key.models` and `key.save` carry one in, no reply carries one out.
 */
import * as v from 'valibot'
import { browser } from 'wxt/browser'
import type { KeyProblem } from './job'

const id = v.pipe(v.string(), v.maxLength(10_000))
const provider = v.picklist(['groq', 'openrouter', 'openai', 'gemini', 'anthropic', 'custom'])
/** `key` null means "the one already saved for this provider and address"; '' means none is needed (a local model). */
const connection = {
  provider,
  /** Only for 'custom'. */
  baseUrl: v.nullable(v.pipe(v.string(), v.maxLength(2_000))),
  key: v.nullable(v.pipe(v.string(), v.maxLength(1_000))),
}

const request = v.variant('do', [
  /** The popup opened on this tab. Reads the page unless a job for it is running or improved; refreshes credits. */
  v.object({ do: v.literal('open'), tabId: v.number() }),
  /** Read the page again, whatever there was; `scope` as in CleanOptions, null for the default. */
  v.object({
    do: v.literal('capture'),
    tabId: v.number(),
    scope: v.nullable(v.picklist(['auto', 'wider', 'narrower', 'selection', 'element', 'whole'])),
  }),
  /** Let the user pick a part of the page, and read that. The popup closes itself: the page is in use. */
  v.object({ do: v.literal('pick'), tabId: v.number() }),
  /**
   * Improve with AI. Goes to `asking` while something needs a yes, else to `improving`. Also "Try again".
   * `edited` is the text where the person changed it in the preview, null where it is the page's own, left out for no
   * change. `consented` true records consent for the destination asked about; `hides` answers the question about private data,
   * `which` that about a long page.
   */
  v.object({
    do: v.literal('improve'),
    id,
    edited: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(10_000_000)))),
    consented: v.optional(v.boolean(), false),
    hides: v.optional(v.nullable(v.boolean()), null),
    which: v.optional(v.nullable(v.picklist(['all', 'first'])), null),
  }),
  /** Stop improving: what is there stays (`improved` with a problem, or `kept`). */
  v.object({ do: v.literal('cancel'), id }),
  /** Drop a question, an error or an AI result: back to the offline result (`ready`). */
  v.object({ do: v.literal('keep-offline'), id }),
  /** Ask the server how many credits are left. Does nothing before consent. */
  v.object({ do: v.literal('credits') }),
  /** The saved connections, masked. */
  v.object({ do: v.literal('key.list') }),
  /** The models the provider offers for this key. */
  v.object({ do: v.literal('key.models'), ...connection }),
  /** A real, tiny call. */
  v.object({ do: v.literal('key.test'), ...connection, model: v.pipe(v.string(), v.maxLength(300)) }),
  /** Save and use from now on. */
  v.object({ do: v.literal('key.save'), ...connection, model: v.pipe(v.string(), v.maxLength(300)) }),
  v.object({ do: v.literal('key.remove'), provider }),
  /** The anonymous id, for the user to see: erasing their record on the server needs it. */
  v.object({ do: v.literal('identity.show') }),
  /** Keep the credits across reinstalls. The popup has asked for the `identity.email` permission before. */
  v.object({ do: v.literal('identity.keep'), keep: v.boolean() }),
  /** Everything on this device: settings, keys, jobs, the anonymous id. */
  v.object({ do: v.literal('delete-everything') }),
])

export type Request = v.InferOutput<typeof request>
export type RequestInput = v.InferInput<typeof request>

/** A saved connection as the popup may see it. */
export interface SavedKey {
  provider: v.InferOutput<typeof provider>
  label: string
  host: string
  baseUrl: string
  /** "gsk_••••3f2a", or null where no key is needed. */
  maskedKey: string | null
  model: string
  /** The one AI Mode uses when settings say 'own-key'. */
  isActive: boolean
}

/** What the keyboard shortcut or the menu could not do, told at the popup's next opening, once. */
export interface Notice {
  kind: 'unreadable' | 'not-copied' | 'no-selection'
  /** Of the page it happened on. */
  title: string
  /** Epoch milliseconds. */
  atMs: number
}

export interface Replies {
  /** `id` names the job to watch. */
  open: { id: string; title: string; url: string; notice: Notice | null }
  capture: { id: string }
  pick: null
  improve: null
  cancel: null
  'keep-offline': null
  credits: null
  'key.list': SavedKey[]
  'key.models': { ok: true; models: string[] } | { ok: false; problem: KeyProblem }
  'key.test': { ok: true; latencyMs: number } | { ok: false; problem: KeyProblem }
  'key.save': null
  'key.remove': null
  /** Null while there is none: it is made for the first AI request. */
  'identity.show': string | null
  'identity.keep': { kept: boolean }
  'delete-everything': null
}

type Envelope<T> = { ok: true; value: T } | { ok: false }

/** The background could not do it: a bug, or it was ended mid-request. The stored job says what is known. */
export class BackgroundFailed extends Error {}

/** Ask the background. Raises `BackgroundFailed`. */
export async function send<D extends Request['do']>(message: RequestInput & { do: D }): Promise<Replies[D]> {
  const reply: Envelope<Replies[D]> | undefined = await browser.runtime.sendMessage(message).catch(() => undefined)
  if (!reply?.ok) throw new BackgroundFailed(message.do)
  return reply.value
}

export type Handlers = {
  [D in Request['do']]: (message: Extract<Request, { do: D }>) => Promise<Replies[D]>
}

/** Answer the popup. Messages from anywhere but our own pages, and messages of any other shape, get no answer. */
export function answer(handlers: Handlers, onBug: (error: unknown) => void): void {
  browser.runtime.onMessage.addListener((message: unknown, sender, respond: (reply: Envelope<unknown>) => void) => {
    if (sender.id !== browser.runtime.id || !sender.url?.startsWith(browser.runtime.getURL('/'))) return
    const parsed = v.safeParse(request, message)
    if (!parsed.success) return
    const handle = handlers[parsed.output.do] as (message: Request) => Promise<unknown>
    handle(parsed.output).then(
      (value) => respond({ ok: true, value }),
      (error: unknown) => {
        onBug(error)
        respond({ ok: false })
      },
    )
    // Tells Chrome that the answer comes later.
    return true
  })
}
