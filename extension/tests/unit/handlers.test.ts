import { beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing'
import type { Backend } from '../../ai/backend'
import { saveKey } from '../../ai/keys'
import { createHandlers } from '../../handlers'
import { createIdentity } from '../../identity'
import { answer, BackgroundFailed, send } from '../../messages'
import type { Orchestrator } from '../../orchestrator'
import { consents, credits, DEFAULT_SETTINGS, keepsCredits, notice, settings } from '../../storage'

const API = 'https://api.example.org'
const GROQ = { provider: 'groq', baseUrl: null, key: 'gsk_0123456789abcdef', model: 'm' } as const
let calls: string[]
let granted: Set<string>
let profileId: string
let picks: boolean

beforeEach(() => {
  fakeBrowser.reset()
  calls = []
  granted = new Set(['identity.email'])
  profileId = 'account-1'
  picks = true
  Object.assign(fakeBrowser.permissions, {
    contains: async ({ permissions = [] }: { permissions?: string[] }) =>
      permissions.every((name) => granted.has(name)),
    getAll: async () => ({ permissions: [...granted], origins: ['https://api.groq.com/*', `${API}/*`] }),
    remove: async ({ permissions = [], origins = [] }: { permissions?: string[]; origins?: string[] }) => {
      calls.push(`remove ${[...permissions, ...origins].join()}`)
      for (const name of permissions) granted.delete(name)
      return true
    },
  })
  Object.assign(fakeBrowser.identity, { getProfileUserInfo: async () => ({ id: profileId, email: 'a@example.org' }) })
  Object.assign(fakeBrowser.runtime, { getManifest: () => ({ host_permissions: [`${API}/*`] }) })
})

const handlers = () =>
  createHandlers({
    orchestrator: new Proxy({} as Orchestrator, {
      get:
        (_, name: string) =>
        async (...args: unknown[]) =>
          void calls.push(`${name} ${JSON.stringify(args)}`),
    }),
    backend: {
      checkCredits: async () => {
        calls.push('check-credits')
        return true
      },
    } as unknown as Backend,
    identity: createIdentity(() => keepsCredits.get()),
    isHostAllowed: async () => false,
    hasConsent: async (origin) => (await consents.get()).includes(origin),
    apiOrigin: API,
    pick: async (tabId) => {
      calls.push(`pick in ${tabId}`)
      return picks
    },
    showPicked: async (tabId) => void calls.push(`show ${tabId}`),
    isLocked: Promise.resolve(),
    onBug: (error) => {
      throw error
    },
  })

const openTab = async () => (await fakeBrowser.tabs.create({ url: 'https://example.org/tea' })).id as number

describe('opening', () => {
  it('names the page, starts reading it and hands over a notice once', async () => {
    const tabId = await openTab()
    await notice.set({ kind: 'unreadable', title: 'Tea', atMs: 1 })
    expect(await handlers().open({ do: 'open', tabId })).toMatchObject({
      id: 'https://example.org/tea',
      notice: { title: 'Tea' },
    })
    expect(calls).toEqual([`open [${tabId},"https://example.org/tea"]`])
    expect(await handlers().open({ do: 'open', tabId })).toMatchObject({ notice: null })
  })

  it.each<[string, Partial<typeof DEFAULT_SETTINGS>, string[], boolean]>([
    ['in Offline Mode', { mode: 'offline' }, [API], false],
    ['before consent', { mode: 'ai' }, [], false],
    ['with an own key', { mode: 'ai', aiSource: 'own-key' }, [API], false],
    ['in AI Mode with free credits', { mode: 'ai' }, [API], true],
  ])('%s: asks the server for credits or does not', async (_, changed, agreed, asks) => {
    await settings.set({ ...DEFAULT_SETTINGS, ...changed })
    await consents.set(agreed)
    await handlers().open({ do: 'open', tabId: await openTab() })
    await vi.waitFor(() => expect(calls.length).toBe(asks ? 2 : 1))
    expect(calls.includes('check-credits')).toBe(asks)
  })
})

describe('picking a part of the page', () => {
  it('reads what was picked, and brings the person back to it', async () => {
    const tabId = await openTab()
    await handlers().pick({ do: 'pick', tabId })
    await vi.waitFor(() =>
      expect(calls).toEqual([
        `pick in ${tabId}`,
        `capture [${tabId},"https://example.org/tea","element"]`,
        `show ${tabId}`,
      ]),
    )
  })

  it('that was cancelled leaves everything as it was', async () => {
    picks = false
    const tabId = await openTab()
    await handlers().pick({ do: 'pick', tabId })
    await vi.waitFor(() => expect(calls).toEqual([`pick in ${tabId}`]))
  })
})

describe('a key', () => {
  it('is used from the moment it is saved, until it is removed', async () => {
    await handlers()['key.save']({ do: 'key.save', ...GROQ })
    expect((await settings.get()).aiSource).toBe('own-key')
    await handlers()['key.remove']({ do: 'key.remove', provider: 'groq' })
    expect((await settings.get()).aiSource).toBe('free')
  })

  it.each([
    ['http://models.example.org/v1', 'k'],
    ['https://user:pass@example.org/v1', 'k'],
    ['', 'k'],
  ])('is never sent to %o', async (baseUrl, key) => {
    const asked = { ...GROQ, provider: 'custom', baseUrl, key } as const
    expect(await handlers()['key.test']({ do: 'key.test', ...asked })).toEqual({ ok: false, problem: 'missing' })
    await expect(handlers()['key.save']({ do: 'key.save', ...asked })).rejects.toThrow(TypeError)
  })

  it('that was saved goes to no other address than its own', async () => {
    await saveKey({ provider: 'custom', baseUrl: 'https://models.example.org/v1', key: 'secret', model: 'm' })
    const asked = {
      do: 'key.test',
      provider: 'custom',
      baseUrl: 'https://evil.example/v1',
      key: null,
      model: 'm',
    } as const
    expect(await handlers()['key.test'](asked)).toEqual({ ok: false, problem: 'missing' })
  })

  it('cannot be sent to a built-in provider under another address', async () => {
    await handlers()['key.save']({ do: 'key.save', ...GROQ, baseUrl: 'https://evil.example/v1' })
    expect(await handlers()['key.list']({ do: 'key.list' })).toMatchObject([{ host: 'api.groq.com' }])
  })
})

describe('keeping credits across reinstalls', () => {
  it('is done when the browser knows an account', async () => {
    await credits.set({ remaining: 3, cohort: 'A', atMs: 1 })
    expect(await handlers()['identity.keep']({ do: 'identity.keep', keep: true })).toEqual({ kept: true })
    expect(await keepsCredits.get()).toBe(true)
    expect(await credits.get()).toBeNull()
  })

  it.each([
    ['signed out', true, ''],
    ['switched off', false, 'account-1'],
  ])('is not done when %s, and the permission goes back', async (_, keep, id) => {
    profileId = id
    expect(await handlers()['identity.keep']({ do: 'identity.keep', keep })).toEqual({ kept: false })
    expect(calls).toEqual(['remove identity.email'])
  })
})

it('deletes everything, permissions that were given later included', async () => {
  await handlers()['key.save']({ do: 'key.save', ...GROQ })
  await createIdentity(async () => false).userId()
  await notice.set({ kind: 'unreadable', title: 'Tea', atMs: 1 })
  await handlers()['delete-everything']({ do: 'delete-everything' })
  const { local, session, sync } = fakeBrowser.storage
  expect([await local.get(), await session.get(), await sync.get()]).toEqual([{}, {}, {}])
  expect(calls).toEqual(['forget []', 'remove https://api.groq.com/*', 'remove identity.email'])
})

describe('the border', () => {
  const ours = () => ({ id: fakeBrowser.runtime.id, url: `${fakeBrowser.runtime.getURL('' as never)}popup.html` })
  const listen = () => {
    const seen: unknown[] = []
    const fake = async (message: unknown) => {
      seen.push(message)
      return null
    }
    answer(new Proxy({}, { get: () => fake }) as never, () => {})
    return seen
  }
  const trigger = (message: unknown, sender: object) =>
    (fakeBrowser.runtime.onMessage.trigger as (...args: unknown[]) => Promise<unknown>)(message, sender, () => {})

  it('hears our own pages', async () => {
    const seen = listen()
    await trigger({ do: 'key.list' }, ours())
    expect(seen).toEqual([{ do: 'key.list' }])
  })

  it.each([
    ['another extension', () => ({ ...ours(), id: 'other' })],
    ['a script in a page', () => ({ ...ours(), url: 'https://example.org/' })],
  ])('does not hear %s', async (_, sender) => {
    const seen = listen()
    await trigger({ do: 'key.list' }, sender())
    expect(seen).toEqual([])
  })

  it.each([null, 'open', {}, { do: 'steal' }, { do: 'open', tabId: '1' }, { do: 'key.test', provider: 'evil' }])(
    'does not hear %o',
    async (message) => {
      const seen = listen()
      await trigger(message, ours())
      expect(seen).toEqual([])
    },
  )

  it('says so when nobody answers', async () => {
    await expect(send({ do: 'key.list' })).rejects.toThrow(BackgroundFailed)
  })
})
