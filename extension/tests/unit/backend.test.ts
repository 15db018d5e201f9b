import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBackend } from '../../ai/backend'
import type { Credits } from '../../storage'
import { Loopback, type Said } from './loopback'

const KEY = 'key-00000001'
let server: Loopback
let credits: Credits | null
let isOnline: boolean
const never = new AbortController().signal

beforeEach(async () => {
  server = await Loopback.start()
  credits = { remaining: 150, cohort: 'B', atMs: 0 }
  isOnline = true
})
afterEach(() => server.stop())

const backend = (origin = server.origin) =>
  createBackend({
    origin,
    userId: async () => 'user-0000001',
    credits: async () => credits,
    saveCredits: async (said) => {
      credits = said
    },
    nowMs: () => 1_000,
    isOnline: () => isOnline,
  })

const SUCCESS: Said = {
  json: { status: 'SUCCESS', processed_content: '# Tea' },
  headers: { 'X-PromptReady-Credits-Remaining': '149' },
}

describe('check-credits', () => {
  it('saves what the server grants', async () => {
    server.answerWith(() => ({ json: { status: 'OK', credits_remaining: 7, cohort: 'C' } }))
    expect(await backend().checkCredits()).toBe(true)
    expect(credits).toEqual({ remaining: 7, cohort: 'C', atMs: 1_000 })
    expect(server.asked[0]).toMatchObject({
      method: 'POST',
      path: '/api/check-credits',
      body: { userId: 'user-0000001' },
    })
  })

  it('takes 402 for none left and keeps the cohort', async () => {
    server.answerWith(() => ({ status: 402, json: { status: 'INSUFFICIENT_CREDITS' } }))
    expect(await backend().checkCredits()).toBe(true)
    expect(credits).toEqual({ remaining: 0, cohort: 'B', atMs: 1_000 })
  })

  it.each<[string, Said]>([
    ['an error', { status: 503, json: { status: 'SERVICE_UNAVAILABLE', message: 'x' } }],
    ['a page instead of JSON', { text: '<html>' }],
    ['a negative number', { json: { status: 'OK', credits_remaining: -1, cohort: 'A' } }],
    ['an unknown cohort', { json: { status: 'OK', credits_remaining: 1, cohort: 'Z' } }],
  ])('leaves the counter alone after %s', async (_, said) => {
    server.answerWith(() => said)
    expect(await backend().checkCredits()).toBe(false)
    expect(credits?.remaining).toBe(150)
  })

  it('says so when nobody answers', async () => {
    const gone = server.origin
    await server.stop()
    expect(await backend(gone).checkCredits()).toBe(false)
  })
})

describe('process-ai', () => {
  it('sends exactly the contract, with the idempotency key, and notes the credits', async () => {
    server.answerWith(() => SUCCESS)
    expect(await backend().improve('tea', KEY, never)).toEqual({ kind: 'answered', text: '# Tea' })
    expect(server.asked[0]?.body).toEqual({ userId: 'user-0000001', cohort: 'B', content: 'tea' })
    expect(server.asked[0]?.headers['idempotency-key']).toBe(KEY)
    expect(credits?.remaining).toBe(149)
  })

  it('never counts up when answers of one page arrive out of order', async () => {
    credits = { remaining: 140, cohort: 'B', atMs: 0 }
    server.answerWith(() => SUCCESS)
    await backend().improve('tea', KEY, never)
    expect(credits.remaining).toBe(140)
  })

  it('asks for the cohort first when it does not know it', async () => {
    credits = null
    server.answerWith(({ path }) =>
      path.endsWith('check-credits') ? { json: { status: 'OK', credits_remaining: 150, cohort: 'C' } } : SUCCESS,
    )
    await backend().improve('tea', KEY, never)
    expect(server.asked.map(({ path }) => path)).toEqual(['/api/check-credits', '/api/process-ai'])
    expect(server.asked[1]?.body).toMatchObject({ cohort: 'C' })
  })

  it('recovers from an unknown user once, under the same key', async () => {
    let isKnown = false
    server.answerWith(({ path }) => {
      if (path.endsWith('check-credits')) {
        isKnown = true
        return { json: { status: 'OK', credits_remaining: 150, cohort: 'A' } }
      }
      return isKnown ? SUCCESS : { status: 404, json: { status: 'UNKNOWN_USER', message: 'x' } }
    })
    expect(await backend().improve('tea', KEY, never)).toMatchObject({ kind: 'answered' })
    const keys = server.asked
      .filter(({ path }) => path.endsWith('process-ai'))
      .map(({ headers }) => headers['idempotency-key'])
    expect(keys).toEqual([KEY, KEY])
  })

  it('gives up on an unknown user after one retry', async () => {
    server.answerWith(({ path }) =>
      path.endsWith('check-credits')
        ? { json: { status: 'OK', credits_remaining: 150, cohort: 'A' } }
        : { status: 404, json: { status: 'UNKNOWN_USER', message: 'x' } },
    )
    expect(await backend().improve('tea', KEY, never)).toMatchObject({ kind: 'failed' })
    expect(server.asked).toHaveLength(3)
  })

  it.each<[number, string, Record<string, string>, unknown]>([
    [402, 'INSUFFICIENT_CREDITS', {}, { problem: { kind: 'no-credits' }, stopsAll: true }],
    [
      503,
      'SERVICE_AT_CAPACITY',
      { 'Retry-After': '60' },
      { problem: { kind: 'at-capacity', untilMs: 61_000 }, stopsAll: true },
    ],
    [503, 'SERVICE_AT_CAPACITY', {}, { problem: { kind: 'at-capacity', untilMs: null } }],
    [503, 'SERVICE_UNAVAILABLE', { 'Retry-After': '5' }, { problem: { kind: 'no-answer', cause: 'unavailable' } }],
    [413, 'CONTENT_TOO_LARGE', {}, { problem: { kind: 'too-large' }, stopsAll: false }],
    [502, 'PROVIDER_FAILED', {}, { problem: { kind: 'no-answer', cause: 'unusable' }, spendsKey: false }],
    [504, 'PROVIDER_TIMEOUT', {}, { problem: { kind: 'no-answer', cause: 'timeout' } }],
    [500, 'INTERNAL_ERROR', {}, { problem: { kind: 'no-answer', cause: 'unavailable' } }],
    [409, 'REQUEST_ALREADY_ANSWERED', {}, { kind: 'failed', spendsKey: true }],
    [422, 'IDEMPOTENCY_KEY_REUSED', {}, { kind: 'failed', spendsKey: true }],
    [409, 'REQUEST_IN_FLIGHT', { 'Retry-After': '3' }, { kind: 'wait', ms: 3_000 }],
    [429, 'TOO_MANY_REQUESTS', { 'Retry-After': '7' }, { kind: 'wait', ms: 7_000 }],
    [429, 'TOO_MANY_REQUESTS', {}, { kind: 'wait', ms: 2_000 }],
    [418, 'A_CODE_FROM_TOMORROW', {}, { problem: { kind: 'no-answer', cause: 'unavailable' } }],
  ])('%i %s', async (status, code, headers, outcome) => {
    server.answerWith(() => ({ status, headers, json: { status: code, message: 'one sentence' } }))
    expect(await backend().improve('tea', KEY, never)).toMatchObject(outcome as object)
  })

  it('shows no credits left after 402', async () => {
    server.answerWith(() => ({ status: 402, json: { status: 'INSUFFICIENT_CREDITS' } }))
    await backend().improve('tea', KEY, never)
    expect(credits?.remaining).toBe(0)
  })

  it('takes a gateway page for a service that is not there', async () => {
    server.answerWith(() => ({ status: 200, text: '<html>502 Bad Gateway</html>' }))
    expect(await backend().improve('tea', KEY, never)).toMatchObject({ problem: { cause: 'unavailable' } })
  })

  it('reads no more of an answer than an answer can be', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      const chunk = 'x'.repeat(64_000)
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pour)
      }
      pour()
      return undefined
    })
    expect(await backend().improve('tea', KEY, never)).toMatchObject({
      problem: { kind: 'no-answer', cause: 'unusable' },
    })
  })

  it('follows no redirect with a page in its hands', async () => {
    const elsewhere = await Loopback.start(() => SUCCESS)
    server.answerWith(() => ({ status: 307, headers: { Location: `${elsewhere.origin}/api/process-ai` } }))
    expect(await backend().improve('tea', KEY, never)).toMatchObject({ kind: 'failed' })
    expect(elsewhere.asked).toEqual([])
    await elsewhere.stop()
  })

  it('tells a lost network from a lost server', async () => {
    server.answerWith((_, response) => {
      response.destroy()
      return undefined
    })
    expect(await backend().improve('tea', KEY, never)).toMatchObject({
      problem: { cause: 'unavailable' },
      stopsAll: true,
    })
    isOnline = false
    expect(await backend().improve('tea', KEY, never)).toMatchObject({ problem: { cause: 'no-network' } })
  })

  it('stops at once when cancelled', async () => {
    const controller = new AbortController()
    server.answerWith(() => {
      controller.abort()
      return undefined
    })
    expect(await backend().improve('tea', KEY, controller.signal)).toMatchObject({ problem: { kind: 'cancelled' } })
  })
})
