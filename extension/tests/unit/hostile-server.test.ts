/** Servers that mean harm: ours taken over, or the provider of an own key. Nothing they say raises, hangs or piles up. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBackend } from '../../ai/backend'
import { createByok, listModels } from '../../ai/byok'
import { type NoReply, request } from '../../ai/http'
import type { Improver } from '../../ai/improver'
import { noticeOf } from '../../entrypoints/popup/notices'
import type { Credits } from '../../storage'
import { kept } from '../gallery/scenes'
import { Loopback } from './loopback'

const never = new AbortController().signal
let server: Loopback
let credits: Credits

beforeEach(async () => {
  server = await Loopback.start()
  credits = { remaining: 150, cohort: 'B', atMs: 0 }
})
afterEach(() => server.stop())

const backend = () =>
  createBackend({
    origin: server.origin,
    userId: async () => 'user-0000001',
    credits: async () => credits,
    saveCredits: async (said) => {
      credits = said
    },
    nowMs: () => Date.UTC(2026, 10, 25),
    isOnline: () => true,
  })
const connection = () => ({ provider: 'custom', baseUrl: `${server.origin}/v1`, key: 'k', model: 'm' }) as const
const byok = () => createByok(connection(), async () => true)
const IMPROVERS: readonly [string, () => Improver][] = [
  ['our server', backend],
  ['a provider', byok],
]

const json = { 'Content-Type': 'application/json' }

function pour(response: ServerResponse, chunk: string): undefined {
  const more = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  response.writeHead(200, json)
  more()
}

const BODIES = [
  'null',
  '[]',
  '"SUCCESS"',
  '{"__proto__":{"status":"SUCCESS","processed_content":"x","choices":[]}}',
  '{"status":"SUCCESS","processed_content":{"toString":"x"}}',
  '{"status":"SUCCESS"}',
  '{"status":["SUCCESS"],"processed_content":"x"}',
  '{"choices":{"0":{"message":{"content":"x"}}}}',
  '{"model":"m","choices":[null]}',
  '{"model":"m","choices":[{"message":{"content":["x"]}}]}',
  '{"model":{"m":1},"choices":[{"message":{"content":"x"}}]}',
  '['.repeat(100_000),
  `{"status":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
  '\ud800',
  '',
]

describe.each(IMPROVERS)('%s', (_, improver) => {
  it.each(BODIES.map((body) => [body.slice(0, 60), body]))('says %j: no answer', async (_, body) => {
    for (const status of [200, 429, 503]) {
      server.answerWith(() => ({ status, text: body }))
      const outcome = await improver().improve('tea', 'key-00000001', never)
      expect(['failed', 'wait']).toContain(outcome.kind)
    }
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('is not read without end', async () => {
    server.answerWith((_, response) => pour(response, 'x'.repeat(64_000)))
    expect(await improver().improve('tea', 'key-00000001', never)).toMatchObject({ kind: 'failed' })
  })

  it('is not unpacked without end', async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000, 'x'))
    server.answerWith((_, response) => {
      response.writeHead(200, { ...json, 'Content-Encoding': 'gzip' })
      response.end(bomb)
      return undefined
    })
    expect(await improver().improve('tea', 'key-00000001', never)).toMatchObject({ kind: 'failed' })
  })

  it.each(['1e300', '99999999999999', 'Infinity', '-5', 'soon', '0x10'])(
    'asks to wait %s, and is believed within reason',
    async (wait) => {
      for (const [status, code] of [
        [503, 'SERVICE_AT_CAPACITY'],
        [429, 'TOO_MANY_REQUESTS'],
      ] as const) {
        server.answerWith(() => ({ status, headers: { 'Retry-After': wait }, json: { status: code } }))
        const outcome = await improver().improve('tea', 'key-00000001', never)
        if (outcome.kind === 'wait') expect(outcome.ms).toBeLessThan(32 * 86_400_000)
        if (outcome.kind === 'failed') expect(noticeOf(kept(outcome.problem), new Date())).not.toBeNull()
      }
    },
  )
})

it('a server that drips is left when its time is over', async () => {
  server.answerWith((_, response) => {
    response.writeHead(200, json)
    const drip = setInterval(() => response.write(' '), 10)
    response.on('close', () => clearInterval(drip))
    return undefined
  })
  const reply = request(server.origin, {}, { timeoutMs: 150, maxBytes: 1_000_000 })
  await expect(reply).rejects.toMatchObject({ reason: 'timeout' } satisfies Partial<NoReply>)
})

it('a reply is read no further than it may be long', async () => {
  server.answerWith(() => ({ text: 'x'.repeat(1_001) }))
  const bounds = { timeoutMs: 5_000, maxBytes: 1_000 }
  await expect(request(server.origin, {}, bounds)).rejects.toMatchObject({ reason: 'too-large' })
  server.answerWith(() => ({ text: 'x'.repeat(1_000) }))
  expect((await request(server.origin, {}, bounds)).body).toHaveLength(1_000)
})

it('a list of ten thousand models is cut, and names in it are names', async () => {
  const data = Array.from({ length: 10_000 }, (_, index) => ({ id: `<img src=x>${index}` }))
  server.answerWith(() => ({ json: { data } }))
  const listed = await listModels(connection(), async () => true)
  expect(listed.ok && listed.value.length).toBe(2_000)
})

it('a grant beyond all measure is none', async () => {
  for (const credits_remaining of [1e300, 2 ** 60, 1.5, '5']) {
    server.answerWith(() => ({ json: { status: 'OK', credits_remaining, cohort: 'A' } }))
    expect(await backend().checkCredits()).toBe(false)
  }
  expect(credits.remaining).toBe(150)
})
