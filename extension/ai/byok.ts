/**
 * The user's own key, straight from this device to the provider it was saved for. The same prompt and the same checks
 * as the backend's.
 */
import * as v from 'valibot'
import type { KeyProblem } from '../job'
import { judge } from './answer'
import { json, NoReply, type Reply, request, retryAfterMs } from './http'
import { failed, type Improver, type Outcome } from './improver'
import type { Connection } from './keys'
import { system, temperature, userMessage } from './prompt'
import { originPattern, providerOf } from './providers'

/** Under the 30 s after which Chrome ends a worker whose fetch waits. */
const TIMEOUT_MS = 28_000
const MAX_REPLY_BYTES = 2_000_000
/** A provider with thousands of models is a list nobody reads. */
const MAX_MODELS = 2_000
/** Anthropic wants a limit: what a part of 8 kB can need, twice over. */
const ANTHROPIC_MAX_TOKENS = 16_000
const DEFAULT_WAIT_MS = 5_000

export type HostCheck = (originPattern: string) => Promise<boolean>
type Result<T> = { ok: true; value: T } | { ok: false; problem: KeyProblem }

/** Improves with `model` over `connection`. An idempotency key means nothing to providers and is not sent. */
export function createByok(connection: Connection & { model: string }, isAllowed: HostCheck): Improver {
  const { host } = new URL(connection.baseUrl)
  const problem = (cause: KeyProblem) => ({ kind: 'key', cause, host }) as const
  return {
    async improve(content, _idempotencyKey, signal): Promise<Outcome> {
      const reply = await call(connection, chat(connection, content), isAllowed, signal)
      if (!reply.ok) {
        if (reply.cancelled) return failed({ kind: 'cancelled' }, { stopsAll: true })
        if (reply.problem === 'too-fast') return { kind: 'wait', ms: reply.waitMs ?? DEFAULT_WAIT_MS }
        return failed(problem(reply.problem), { stopsAll: reply.problem !== 'timeout' })
      }
      const said = completion(connection, reply.value)
      if (said === null) return failed(problem('failed'))
      const judged = judge({ ...said, modelAsked: connection.model, source: content })
      return judged.usable ? { kind: 'answered', text: judged.text } : failed(problem('unusable'))
    },
  }
}

/** A real call, as small as they come. `latencyMs` is what the user would wait. */
export async function testKey(
  connection: Connection & { model: string },
  isAllowed: HostCheck,
  nowMs: () => number,
): Promise<Result<number>> {
  const startMs = nowMs()
  const reply = await call(connection, chat(connection, 'Hello, **world**.'), isAllowed)
  if (!reply.ok) return reply
  const said = completion(connection, reply.value)
  if (said === null) return { ok: false, problem: 'failed' }
  return { ok: true, value: Math.round(nowMs() - startMs) }
}

/** What the provider offers for this key, by name. */
export async function listModels(connection: Connection, isAllowed: HostCheck): Promise<Result<string[]>> {
  const reply = await call(
    connection,
    { path: dialect(connection) === 'anthropic' ? 'models?limit=1000' : 'models' },
    isAllowed,
  )
  if (!reply.ok) return reply
  const list = v.safeParse(v.object({ data: v.array(v.object({ id: v.string() })) }), json(reply.value))
  if (!list.success) return { ok: false, problem: 'failed' }
  // Gemini's own names carry a prefix that its chat endpoint does not want.
  const ids = list.output.data.map(({ id }) => id.replace(/^models\//, ''))
  return { ok: true, value: [...new Set(ids)].sort((a, b) => a.localeCompare(b)).slice(0, MAX_MODELS) }
}

interface Call {
  path: string
  body?: Record<string, unknown>
}

type Called =
  | { ok: true; value: Reply }
  | { ok: false; problem: KeyProblem; cancelled?: boolean; waitMs?: number | null }

async function call(connection: Connection, asked: Call, isAllowed: HostCheck, signal?: AbortSignal): Promise<Called> {
  if (!(await isAllowed(originPattern(connection.baseUrl)))) return { ok: false, problem: 'not-allowed' }
  try {
    let reply = await fetchOnce(connection, asked, signal)
    // Some models take no temperature but their own, and say so with a 400.
    if (reply.status === 400 && asked.body && 'temperature' in asked.body) {
      const { temperature: _, ...body } = asked.body
      reply = await fetchOnce(connection, { ...asked, body }, signal)
    }
    if (reply.status === 200) return { ok: true, value: reply }
    return { ok: false, problem: problemOf(reply.status), waitMs: retryAfterMs(reply) }
  } catch (error) {
    if (!(error instanceof NoReply)) throw error
    if (error.reason === 'cancelled') return { ok: false, problem: 'failed', cancelled: true }
    const problem = { timeout: 'timeout', unreachable: 'unreachable', 'too-large': 'failed' } as const
    return { ok: false, problem: problem[error.reason] }
  }
}

function fetchOnce(connection: Connection, { path, body }: Call, signal?: AbortSignal): Promise<Reply> {
  const init: RequestInit = body
    ? { method: 'POST', headers: headersFor(connection), body: JSON.stringify(body) }
    : { method: 'GET', headers: headersFor(connection) }
  return request(`${connection.baseUrl}/${path}`, init, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_REPLY_BYTES, signal })
}

const dialect = ({ provider }: Connection) => providerOf(provider).dialect

function headersFor(connection: Connection): Record<string, string> {
  const { key } = connection
  const always = { 'Content-Type': 'application/json' }
  if (dialect(connection) === 'anthropic') {
    return {
      ...always,
      'x-api-key': key,
      'anthropic-version': '2023-06-01',
      'anthropic-dangerous-direct-browser-access': 'true',
    }
  }
  return key === '' ? always : { ...always, Authorization: `Bearer ${key}` }
}

function chat(connection: Connection & { model: string }, content: string): Call {
  const { model } = connection
  const user = { role: 'user', content: userMessage(content) }
  if (dialect(connection) === 'anthropic') {
    return {
      path: 'messages',
      body: { model, system, messages: [user], max_tokens: ANTHROPIC_MAX_TOKENS, temperature },
    }
  }
  return {
    path: 'chat/completions',
    body: { model, messages: [{ role: 'system', content: system }, user], temperature },
  }
}

const openAiReply = v.object({
  model: v.nullish(v.string()),
  choices: v.pipe(
    v.array(v.object({ finish_reason: v.nullish(v.string()), message: v.object({ content: v.nullish(v.string()) }) })),
    v.minLength(1),
  ),
})
const anthropicReply = v.object({
  model: v.nullish(v.string()),
  stop_reason: v.nullish(v.string()),
  content: v.array(v.object({ type: v.string(), text: v.optional(v.string()) })),
})

interface Said {
  finishReason: string | null
  modelReturned: string | null
  content: string | null
}

function completion(connection: Connection, reply: Reply): Said | null {
  if (dialect(connection) === 'anthropic') {
    const parsed = v.safeParse(anthropicReply, json(reply))
    if (!parsed.success) return null
    const { model, stop_reason, content } = parsed.output
    return {
      finishReason: stop_reason ?? null,
      modelReturned: model ?? null,
      content: content.map((block) => block.text ?? '').join(''),
    }
  }
  const parsed = v.safeParse(openAiReply, json(reply))
  const choice = parsed.success ? parsed.output.choices[0] : undefined
  if (!parsed.success || !choice) return null
  return {
    finishReason: choice.finish_reason ?? null,
    modelReturned: parsed.output.model ?? null,
    content: choice.message.content ?? null,
  }
}

function problemOf(status: number): KeyProblem {
  switch (status) {
    case 401:
    case 403:
      return 'rejected'
    case 402:
      return 'no-quota'
    case 404:
      return 'no-model'
    case 429:
      return 'too-fast'
    default:
      return 'failed'
  }
}
