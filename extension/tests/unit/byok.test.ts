import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createByok, listModels, testKey } from '../../ai/byok'
import type { Connection } from '../../ai/keys'
import prompt from '../../ai/prompt.json'
import { Loopback, type Said } from './loopback'

const SECRET = 'sk-very-secret-0123456789'
const allowed = async () => true
const never = new AbortController().signal
let server: Loopback

beforeEach(async () => {
  server = await Loopback.start()
})
afterEach(() => server.stop())

const openAi = (): Connection & { model: string } => ({
  provider: 'custom',
  baseUrl: `${server.origin}/v1`,
  key: SECRET,
  model: 'tea-1',
})
const anthropic = () => ({ ...openAi(), provider: 'anthropic' as const })

const completion = (content: string | null, finish_reason = 'stop', model = 'tea-1'): Said => ({
  json: { model, choices: [{ finish_reason, message: { role: 'assistant', content } }] },
})
const message = (text: string, stop_reason = 'end_turn'): Said => ({
  json: { model: 'tea-1', stop_reason, content: [{ type: 'text', text }] },
})
const improve = (connection = openAi()) => createByok(connection, allowed).improve('Hot $& water', 'unused-key', never)
const outcomeOf = (cause: string) => ({
  kind: 'failed',
  problem: { kind: 'key', cause, host: new URL(server.origin).host },
})

describe('the OpenAI dialect', () => {
  it('sends the very prompt the backend sends, with the key in its header alone', async () => {
    server.answerWith(() => completion('# Tea'))
    expect(await improve()).toEqual({ kind: 'answered', text: '# Tea' })
    const [asked] = server.asked
    expect(asked).toMatchObject({ method: 'POST', path: '/v1/chat/completions' })
    expect(asked?.headers.authorization).toBe(`Bearer ${SECRET}`)
    expect(asked?.body).toEqual({
      model: 'tea-1',
      temperature: prompt.temperature,
      messages: [
        { role: 'system', content: prompt.system },
        { role: 'user', content: '<page>\nHot $& water\n</page>' },
      ],
    })
    expect(JSON.stringify(asked?.body)).not.toContain(SECRET)
  })

  it('sends no header for a local model without a key', async () => {
    server.answerWith(() => completion('# Tea'))
    await improve({ ...openAi(), key: '' })
    expect(server.asked[0]?.headers.authorization).toBeUndefined()
  })

  it('leaves out the temperature for models that take none', async () => {
    server.answerWith(({ body }) =>
      'temperature' in (body as object) ? { status: 400, json: { error: 'temperature' } } : completion('# Tea'),
    )
    expect(await improve()).toMatchObject({ kind: 'answered' })
    expect(server.asked).toHaveLength(2)
  })

  it('lists the models by name', async () => {
    server.answerWith(() => ({ json: { data: [{ id: 'zebra' }, { id: 'models/ant' }, { id: 'zebra' }] } }))
    expect(await listModels(openAi(), allowed)).toEqual({ ok: true, value: ['ant', 'zebra'] })
    expect(server.asked[0]).toMatchObject({ method: 'GET', path: '/v1/models' })
  })
})

describe('the Anthropic dialect', () => {
  it('sends what the Messages API wants', async () => {
    server.answerWith(() => message('# Tea'))
    expect(await improve(anthropic())).toEqual({ kind: 'answered', text: '# Tea' })
    const [asked] = server.asked
    expect(asked?.path).toBe('/v1/messages')
    expect(asked?.headers).toMatchObject({
      'x-api-key': SECRET,
      'anthropic-version': '2023-06-01',
      'anthropic-dangerous-direct-browser-access': 'true',
    })
    expect(asked?.headers.authorization).toBeUndefined()
    expect(asked?.body).toMatchObject({ model: 'tea-1', system: prompt.system, messages: [{ role: 'user' }] })
  })

  it('uses no answer that was cut off', async () => {
    server.answerWith(() => message('# Te', 'max_tokens'))
    expect(await improve(anthropic())).toMatchObject(outcomeOf('unusable'))
  })

  it('lists the models', async () => {
    server.answerWith(() => ({ json: { data: [{ id: 'b' }, { id: 'a' }], has_more: false } }))
    expect(await listModels(anthropic(), allowed)).toEqual({ ok: true, value: ['a', 'b'] })
  })
})

describe('what can go wrong', () => {
  it.each<[string, Said, string]>([
    ['a wrong key', { status: 401 }, 'rejected'],
    ['a key without rights', { status: 403 }, 'rejected'],
    ['an empty account', { status: 402 }, 'no-quota'],
    ['a model that is gone', { status: 404 }, 'no-model'],
    ['a bad request', { status: 400 }, 'failed'],
    ['an error of theirs', { status: 500, text: 'oops' }, 'failed'],
    ['a page instead of an answer', { text: '<html>' }, 'failed'],
    ['no choice', { json: { model: 'tea-1', choices: [] } }, 'failed'],
    ['an empty answer', completion('  '), 'unusable'],
    ['no answer', completion(null), 'unusable'],
    ['an answer cut off', completion('# Te', 'length'), 'unusable'],
    ['a refusal', completion("I'm sorry, but I can't help with that."), 'unusable'],
    ['another model', completion('# Tea', 'stop', 'coffee-1'), 'unusable'],
  ])('%s', async (_, said, cause) => {
    server.answerWith(() => said)
    expect(await improve()).toMatchObject(outcomeOf(cause))
  })

  it('waits when told to', async () => {
    server.answerWith(() => ({ status: 429, headers: { 'Retry-After': '4' } }))
    expect(await improve()).toEqual({ kind: 'wait', ms: 4_000 })
  })

  it('says when nobody answers', async () => {
    const connection = openAi()
    await server.stop()
    expect(await createByok(connection, allowed).improve('x', 'k', never)).toMatchObject({
      problem: { cause: 'unreachable' },
      stopsAll: true,
    })
    server = await Loopback.start()
  })

  it('calls nobody the user has not allowed', async () => {
    const asked: string[] = []
    const denied = async (pattern: string) => {
      asked.push(pattern)
      return false
    }
    expect(await createByok(openAi(), denied).improve('x', 'k', never)).toMatchObject(outcomeOf('not-allowed'))
    expect(asked).toEqual(['http://127.0.0.1/*'])
    expect(server.asked).toEqual([])
  })

  it('carries the key to no other address', async () => {
    const elsewhere = await Loopback.start(() => completion('# Tea'))
    server.answerWith(() => ({ status: 308, headers: { Location: `${elsewhere.origin}/v1/chat/completions` } }))
    expect(await improve()).toMatchObject(outcomeOf('unreachable'))
    expect(elsewhere.asked).toEqual([])
    await elsewhere.stop()
  })

  it('never lets the key into an outcome, even when the provider quotes it', async () => {
    const quoted = { error: { message: `Incorrect API key provided: ${SECRET}` } }
    for (const status of [200, 400, 401, 403, 404, 429, 500]) {
      server.answerWith(() => ({ status, json: quoted }))
      const seen = [await improve(), await listModels(openAi(), allowed), await testKey(openAi(), allowed, () => 0)]
      expect(JSON.stringify(seen)).not.toContain(SECRET)
    }
  })
})

describe('testing a key', () => {
  it('makes a real call and tells how long it took', async () => {
    server.answerWith(() => completion('Hello, **world**.'))
    let now = 100
    expect(await testKey(openAi(), allowed, () => (now += 42))).toEqual({ ok: true, value: 42 })
    expect(server.asked[0]).toMatchObject({ path: '/v1/chat/completions' })
  })

  it('fails with a key the provider does not know', async () => {
    server.answerWith(({ headers }) => ({ status: headers.authorization === 'Bearer right' ? 200 : 401 }))
    expect(await testKey(openAi(), allowed, () => 0)).toMatchObject({ ok: false, problem: 'rejected' })
  })
})
