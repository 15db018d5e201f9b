/** What the background does for each message of the popup. */
import { browser } from 'wxt/browser'
import type { Backend } from './ai/backend'
import { type HostCheck, listModels, testKey } from './ai/byok'
import * as keys from './ai/keys'
import { baseUrlProblem, type ProviderId, providerOf } from './ai/providers'
import { accountUserId, forgetUserId, type Identity } from './identity'
import type { Handlers } from './messages'
import type { Orchestrator } from './orchestrator'
import { credits, keepsCredits, notice, settings } from './storage'

interface Deps {
  orchestrator: Orchestrator
  backend: Backend
  identity: Identity
  isHostAllowed: HostCheck
  hasConsent(origin: string): Promise<boolean>
  apiOrigin: string
  /** True once the person has picked a part of the page, false if they would rather not. */
  pick(tabId: number): Promise<boolean>
  /** A part was picked and read: bring the person back to it. */
  showPicked(tabId: number): Promise<void>
  /** Resolves when no content script can read `storage.local` any more. */
  isLocked: Promise<void>
  onBug(error: unknown): void
}

export function createHandlers(deps: Deps): Handlers {
  const { orchestrator, backend, isHostAllowed } = deps

  /** Before consent the server hears nothing, not even an id. */
  async function refreshCredits(): Promise<void> {
    const { mode, aiSource } = await settings.get()
    if (mode === 'ai' && aiSource === 'free' && (await deps.hasConsent(deps.apiOrigin))) await backend.checkCredits()
  }

  /** Starts what takes longer than the popup may live; the job in storage tells how it goes. */
  function start(work: Promise<unknown>): null {
    work.catch(deps.onBug)
    return null
  }

  /** Goes on long after the popup is gone: the person is pointing at things. */
  async function pickPart(tabId: number, id: string): Promise<void> {
    if (!(await deps.pick(tabId))) return
    await orchestrator.capture(tabId, id, 'element')
    await deps.showPicked(tabId)
  }

  return {
    async open({ tabId }) {
      const { id, title, url } = await pageOf(tabId)
      start(orchestrator.open(tabId, id))
      start(refreshCredits())
      const left = await notice.get()
      await notice.set(null)
      return { id, title, url, notice: left }
    },
    async capture({ tabId, scope }) {
      const { id } = await pageOf(tabId)
      start(orchestrator.capture(tabId, id, scope))
      return { id }
    },
    async pick({ tabId }) {
      const { id } = await pageOf(tabId)
      return start(pickPart(tabId, id))
    },
    improve: async ({ id, do: _, ...answers }) => start(orchestrator.improve(id, answers)),
    cancel: async ({ id }) => start(orchestrator.cancel(id)),
    'keep-offline': async ({ id }) => start(orchestrator.keepOffline(id)),
    async credits() {
      await refreshCredits()
      return null
    },
    'key.list': () => keys.listKeys(),
    async 'key.models'(message) {
      const connection = await connectionOf(message)
      if (connection === null) return { ok: false, problem: 'missing' }
      const listed = await listModels(connection, isHostAllowed)
      return listed.ok ? { ok: true, models: listed.value } : { ok: false, problem: listed.problem }
    },
    async 'key.test'(message) {
      const connection = await connectionOf(message)
      if (connection === null) return { ok: false, problem: 'missing' }
      const tested = await testKey({ ...connection, model: message.model }, isHostAllowed, () => performance.now())
      return tested.ok ? { ok: true, latencyMs: tested.value } : { ok: false, problem: tested.problem }
    },
    async 'key.save'(message) {
      await deps.isLocked
      const connection = await connectionOf(message)
      if (connection === null) throw new TypeError('nothing to save')
      await keys.saveKey({ ...connection, model: message.model })
      await settings.set({ ...(await settings.get()), aiSource: 'own-key' })
      return null
    },
    async 'key.remove'({ provider }) {
      await keys.removeKey(provider)
      if ((await keys.activeKey()) === null) await settings.set({ ...(await settings.get()), aiSource: 'free' })
      return null
    },
    'identity.show': () => deps.identity.knownUserId(),
    async 'identity.keep'({ keep }) {
      const kept = keep && (await accountUserId()) !== null
      if (!kept) await dropAccountPermission()
      await keepsCredits.set(kept)
      // Another id is another account: what the server said of the last one says nothing of this one.
      await credits.set(null)
      await refreshCredits()
      return { kept }
    },
    async 'delete-everything'() {
      await orchestrator.forget()
      await forgetUserId()
      await browser.storage.session.clear()
      await browser.storage.local.clear()
      await giveBackPermissions()
      return null
    },
  }
}

/** What was granted after the installation. */
async function giveBackPermissions(): Promise<void> {
  const { origins = [] } = await browser.permissions.getAll()
  const required: readonly string[] = browser.runtime.getManifest().host_permissions ?? []
  await browser.permissions.remove({ origins: origins.filter((origin) => !required.includes(origin)) })
  await dropAccountPermission()
}

async function dropAccountPermission(): Promise<void> {
  // Firefox does not know this permission, and refuses to take back what it never gave.
  await browser.permissions.remove({ permissions: ['identity.email'] }).catch(() => false)
}

async function pageOf(tabId: number): Promise<{ id: string; title: string; url: string }> {
  const { title = '', url = '' } = await browser.tabs.get(tabId)
  return { id: url === '' ? `tab:${tabId}` : url, title, url }
}

/** Null without a key, and for an address that keys must not go to. */
async function connectionOf(asked: {
  provider: ProviderId
  baseUrl: string | null
  key: string | null
}): Promise<keys.Connection | null> {
  const { provider } = asked
  const baseUrl = (providerOf(provider).baseUrl ?? asked.baseUrl ?? '').trim().replace(/\/+$/, '')
  if (baseUrlProblem(baseUrl) !== null) return null
  const key = asked.key?.trim() ?? (await keys.savedKeyFor(provider, baseUrl))
  if (key === null || (key === '' && provider !== 'custom')) return null
  return { provider, baseUrl, key }
}
