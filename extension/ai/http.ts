/**
 * One bounded request. Nothing here knows what it carries: no body, address or header ever gets into an error.
 */

/** No reply that can be used. */
export class NoReply extends Error {
  constructor(readonly reason: 'timeout' | 'unreachable' | 'too-large' | 'cancelled') {
    super(reason)
  }
}

export interface Reply {
  status: number
  headers: Headers
  /** At most `maxBytes` of UTF-8. */
  body: string
}

export interface Bounds {
  timeoutMs: number
  maxBytes: number
  signal?: AbortSignal | undefined
}

/** Raises `NoReply`. Follows no redirect: what was meant for one address goes to no other. */
export async function request(url: string, init: RequestInit, { timeoutMs, maxBytes, signal }: Bounds): Promise<Reply> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    })
    return { status: response.status, headers: response.headers, body: await boundedText(response, maxBytes) }
  } catch (error) {
    if (error instanceof NoReply) throw error
    // Whatever fetch says of the address or the certificate stays here.
    throw new NoReply(signal?.aborted ? 'cancelled' : timeout.aborted ? 'timeout' : 'unreachable')
  }
}

async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel()
      throw new NoReply('too-large')
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** The reply's body as JSON, undefined if it is not. */
export function json(reply: Reply): unknown {
  try {
    return JSON.parse(reply.body)
  } catch {
    return undefined
  }
}

/** Nothing we ask opens later; a time beyond what a `Date` holds would break whoever shows it. */
const LONGEST_WAIT_S = 31 * 86_400

/** `Retry-After` in milliseconds, null without one or with something else than seconds. */
export function retryAfterMs(reply: Reply): number | null {
  const seconds = Number(reply.headers.get('Retry-After') ?? Number.NaN)
  return seconds >= 0 ? Math.min(seconds, LONGEST_WAIT_S) * 1000 : null
}
