/**
 * Our API: free credits, metered by the server. The wire is section 2 of the design; replies are parsed before use,
 * and decisions are taken on status and code, never on a message's text.
 */
import * as v from 'valibot'
import type { Credits } from '../storage'
import type { components } from '../wire'
import { json, NoReply, type Reply, request, retryAfterMs } from './http'
import { failed, type Improver, type Outcome } from './improver'

/** Under the 30 s after which Chrome ends a worker whose fetch waits, over the 25 s the server allows itself. */
const TIMEOUT_MS = 28_000
/** check-credits calls no model. */
const CREDITS_TIMEOUT_MS = 10_000
/** Far above what a part of 8 kB can become, JSON escapes included. */
const MAX_REPLY_BYTES = 512_000
/** When the server asks to wait without saying how long. */
const DEFAULT_WAIT_MS = 2_000
/** More is no grant of ours; a number without end would fill the popup. */
const MAX_CREDITS = 1_000_000

export interface BackendDeps {
  /** Scheme, host and port. */
  origin: string
  userId(): Promise<string>
  /** What the server said last; null before the first answer. */
  credits(): Promise<Credits | null>
  saveCredits(credits: Credits): Promise<void>
  nowMs(): number
  /** What the browser believes; false means there is no network at all. */
  isOnline(): boolean
}

export interface Backend extends Improver {
  /** Ask how many credits are left and save it. False if the server could not be asked. */
  checkCredits(signal?: AbortSignal): Promise<boolean>
}

type Wire = components['schemas']
type Code = (Wire['ErrorReply'] | Wire['InsufficientCreditsReply'] | Wire['AtCapacityReply'])['status']

const granted = v.object({
  status: v.literal('OK'),
  credits_remaining: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_CREDITS)),
  cohort: v.picklist(['A', 'B', 'C']),
}) satisfies v.GenericSchema<unknown, Wire['CreditsReply']>
const success = v.object({
  status: v.literal('SUCCESS'),
  processed_content: v.string(),
}) satisfies v.GenericSchema<unknown, Wire['AnswerReply']>
const refusal = v.object({ status: v.string() })

export function createBackend(deps: BackendDeps): Backend {
  async function post(
    path: string,
    body: object,
    headers: Record<string, string>,
    timeoutMs: number,
    signal?: AbortSignal,
  ) {
    return request(
      `${deps.origin}/api/${path}`,
      { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) },
      { timeoutMs, maxBytes: MAX_REPLY_BYTES, signal },
    )
  }

  async function checkCredits(signal?: AbortSignal): Promise<boolean> {
    try {
      const asked: Wire['CheckCreditsRequest'] = { userId: await deps.userId() }
      const reply = await post('check-credits', asked, {}, CREDITS_TIMEOUT_MS, signal)
      const body = v.safeParse(granted, json(reply))
      if (reply.status === 200 && body.success) {
        const { credits_remaining: remaining, cohort } = body.output
        await deps.saveCredits({ remaining, cohort, atMs: deps.nowMs() })
        return true
      }
      if (codeOf(reply) !== 'INSUFFICIENT_CREDITS') return false
      await usedUp()
      return true
    } catch (error) {
      if (error instanceof NoReply) return false
      throw error
    }
  }

  async function usedUp(): Promise<void> {
    const last = await deps.credits()
    await deps.saveCredits({ remaining: 0, cohort: last?.cohort ?? null, atMs: deps.nowMs() })
  }

  /** Answers of one page arrive in any order; credits only ever go down, so the lowest is the latest. */
  async function noteCredits(reply: Reply): Promise<void> {
    const remaining = Number(reply.headers.get('X-PromptReady-Credits-Remaining') ?? Number.NaN)
    const last = await deps.credits()
    if (!Number.isInteger(remaining) || remaining < 0 || last === null) return
    await deps.saveCredits({ ...last, remaining: Math.min(last.remaining, remaining), atMs: deps.nowMs() })
  }

  async function process(content: string, key: string, signal: AbortSignal): Promise<Reply> {
    const cohort = (await deps.credits())?.cohort ?? 'A'
    const body: Wire['ProcessAiRequest'] = { userId: await deps.userId(), cohort, content }
    return post('process-ai', body, { 'Idempotency-Key': key }, TIMEOUT_MS, signal)
  }

  async function improve(content: string, key: string, signal: AbortSignal): Promise<Outcome> {
    try {
      // The request names the cohort, which only the server knows.
      if ((await deps.credits())?.cohort == null) await checkCredits(signal)
      let reply = await process(content, key, signal)
      if (codeOf(reply) === 'UNKNOWN_USER' && (await checkCredits(signal))) reply = await process(content, key, signal)
      const answer = v.safeParse(success, json(reply))
      if (reply.status === 200 && answer.success) {
        await noteCredits(reply)
        return { kind: 'answered', text: answer.output.processed_content }
      }
      if (codeOf(reply) === 'INSUFFICIENT_CREDITS') await usedUp()
      return refused(reply, deps.nowMs())
    } catch (error) {
      if (error instanceof NoReply) return unanswered(error, deps.isOnline())
      throw error
    }
  }

  return { checkCredits, improve }
}

/** A newer server may say what this version has never heard of: that falls through every `case`. */
function codeOf(reply: Reply): Code | null {
  const body = v.safeParse(refusal, json(reply))
  return body.success ? (body.output.status as Code) : null
}

/** The table of the design's section 2, as what the user can do next. */
function refused(reply: Reply, nowMs: number): Outcome {
  const waitMs = retryAfterMs(reply)
  switch (codeOf(reply)) {
    case 'INSUFFICIENT_CREDITS':
      return failed({ kind: 'no-credits' }, { stopsAll: true })
    case 'SERVICE_AT_CAPACITY':
      return failed({ kind: 'at-capacity', untilMs: waitMs === null ? null : nowMs + waitMs }, { stopsAll: true })
    case 'TOO_MANY_REQUESTS':
    case 'REQUEST_IN_FLIGHT':
      return { kind: 'wait', ms: waitMs ?? DEFAULT_WAIT_MS }
    case 'REQUEST_ALREADY_ANSWERED':
    case 'IDEMPOTENCY_KEY_REUSED':
      return failed({ kind: 'no-answer', cause: 'unusable' }, { spendsKey: true })
    case 'CONTENT_TOO_LARGE':
      return failed({ kind: 'too-large' })
    case 'PROVIDER_FAILED':
      return failed({ kind: 'no-answer', cause: 'unusable' })
    case 'PROVIDER_TIMEOUT':
      return failed({ kind: 'no-answer', cause: 'timeout' })
    case 'SERVICE_UNAVAILABLE':
      return failed({ kind: 'no-answer', cause: 'unavailable' }, { stopsAll: true })
    default:
      // A gateway's page, a bug of ours, a code from a newer server: nothing the user can act on but trying again.
      return failed({ kind: 'no-answer', cause: 'unavailable' })
  }
}

function unanswered({ reason }: NoReply, isOnline: boolean): Outcome {
  switch (reason) {
    case 'cancelled':
      return failed({ kind: 'cancelled' }, { stopsAll: true })
    case 'timeout':
      return failed({ kind: 'no-answer', cause: 'timeout' })
    case 'too-large':
      return failed({ kind: 'no-answer', cause: 'unusable' })
    case 'unreachable':
      return failed({ kind: 'no-answer', cause: isOnline ? 'unavailable' : 'no-network' }, { stopsAll: true })
  }
}
