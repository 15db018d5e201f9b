import { beforeEach, describe, expect, it } from 'vitest'
import { fakeBrowser } from 'wxt/testing'
import { activeKey, listKeys, masked, removeKey, savedKeyFor, saveKey } from '../../ai/keys'
import { baseUrlProblem, originPattern } from '../../ai/providers'

const GROQ = {
  provider: 'groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  key: 'gsk_0123456789abcdef3f2a',
  model: 'm',
} as const

beforeEach(() => fakeBrowser.reset())

describe('a saved key', () => {
  it('is the one in use, until it is removed', async () => {
    await saveKey(GROQ)
    expect(await activeKey()).toEqual(GROQ)
    await removeKey('groq')
    expect(await activeKey()).toBeNull()
    expect(JSON.stringify(await fakeBrowser.storage.local.get())).not.toContain('gsk_')
  })

  it('is shown with a mask', async () => {
    await saveKey(GROQ)
    const listed = await listKeys()
    expect(listed).toMatchObject([
      { provider: 'groq', host: 'api.groq.com', maskedKey: 'gsk_••••••••3f2a', isActive: true },
    ])
    expect(JSON.stringify(listed)).not.toContain(GROQ.key)
  })

  it('is given for its own origin alone', async () => {
    await saveKey({ ...GROQ, provider: 'custom', baseUrl: 'http://localhost:11434/v1' })
    expect(await savedKeyFor('custom', 'http://localhost:11434/v2')).toBe(GROQ.key)
    expect(await savedKeyFor('custom', 'http://localhost:9999/v1')).toBeNull()
    expect(await savedKeyFor('custom', 'https://evil.example/v1')).toBeNull()
    expect(await savedKeyFor('groq', GROQ.baseUrl)).toBeNull()
  })

  it('stays in storage.local', async () => {
    await saveKey(GROQ)
    expect(await fakeBrowser.storage.sync.get()).toEqual({})
    expect(await fakeBrowser.storage.session.get()).toEqual({})
  })

  it('leaves the others alone', async () => {
    await saveKey(GROQ)
    await saveKey({ ...GROQ, provider: 'openai', baseUrl: 'https://api.openai.com/v1' })
    await removeKey('openai')
    expect((await listKeys()).map(({ provider, isActive }) => [provider, isActive])).toEqual([['groq', false]])
  })

  it('is nothing when storage holds something else', async () => {
    await fakeBrowser.storage.local.set({ keys: { entries: 'x' } })
    expect(await activeKey()).toBeNull()
  })
})

it.each([
  ['', null],
  ['short', '••••••••'],
  ['exactly-16-chars', 'exac••••••••hars'],
])('masks %o', (key, mask) => expect(masked(key)).toBe(mask))

it.each([
  ['https://models.example.org/v1', null],
  ['http://localhost:11434/v1', null],
  ['http://127.0.0.1:1234/v1', null],
  ['http://models.example.org/v1', 'not-encrypted'],
  ['http://localhost.example.org/v1', 'not-encrypted'],
  ['https://me:secret@example.org/v1', 'has-credentials'],
  ['ftp://example.org', 'not-an-address'],
  ['javascript:alert(1)', 'not-an-address'],
  ['tea', 'not-an-address'],
])('lets a key go to %s: %s', (address, problem) => expect(baseUrlProblem(address)).toBe(problem))

it('asks for a host without its port, which match patterns do not know', () => {
  expect(originPattern('http://localhost:11434/v1')).toBe('http://localhost/*')
})
