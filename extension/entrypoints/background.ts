/** Composition root: what the browser offers, put together into the extension. Decisions are made elsewhere. */
import { browser } from 'wxt/browser'
import { defineBackground } from 'wxt/utils/define-background'
import { createBackend } from '../ai/backend'
import { createDestination } from '../ai/destination'
import * as keys from '../ai/keys'
import { verify } from '../ai/verify'
import { copyText } from '../clipboard'
import { createHandlers } from '../handlers'
import { createIdentity } from '../identity'
import { answer } from '../messages'
import { createOrchestrator } from '../orchestrator'
import { type Asked, quickCopy } from '../quick-copy'
import { pickInTab, readTab } from '../reader'
import { consents, credits, jobs, keepsCredits, notice, settings } from '../storage'
import { keepAwake, wait } from '../worker-life'

const BADGE_MS = 2_000
const BADGES = { done: { text: '✓', color: '#15803d' }, failed: { text: '!', color: '#b91c1c' } } as const

export default defineBackground(() => {
  const nowMs = () => Date.now()
  const identity = createIdentity(() => keepsCredits.get())
  const backend = createBackend({
    origin: __API_ORIGIN__,
    userId: () => identity.userId(),
    credits: () => credits.get(),
    saveCredits: (known) => credits.set(known),
    nowMs,
    isOnline: () => navigator.onLine,
  })
  const isHostAllowed = (pattern: string) => browser.permissions.contains({ origins: [pattern] })
  const hasConsent = async (origin: string) => (await consents.get()).includes(origin)
  const orchestrator = createOrchestrator({
    read: (tabId, options) => readTab(tabId, options),
    destination: createDestination({ apiOrigin: __API_ORIGIN__, backend, activeKey: keys.activeKey, isHostAllowed }),
    verify,
    jobs,
    settings: () => settings.get(),
    hasConsent,
    giveConsent: async (origin) => {
      if (!(await hasConsent(origin))) await consents.set([...(await consents.get()), origin])
    },
    creditsLeft: async () => (await credits.get())?.remaining ?? null,
    nowMs,
    newKey: () => crypto.randomUUID(),
    wait,
    keepAwake,
  })

  // Listeners come first and all at once: Chrome wakes the worker for an event only if it finds its listener at once.
  const isLocked = keys.lockStorage()
  const onBug = (error: unknown) => {
    // A name and no more: a message could hold what somebody was reading.
    reportError(new Error(`PromptReady: ${error instanceof Error ? error.name : 'unknown error'}`))
  }
  answer(
    createHandlers({
      orchestrator,
      backend,
      identity,
      isHostAllowed,
      hasConsent,
      apiOrigin: __API_ORIGIN__,
      pick: (tabId) => keepAwake(pickInTab(tabId)),
      showPicked,
      isLocked,
      onBug,
    }),
    onBug,
  )
  settings.watch(({ mode }) => {
    if (mode === 'offline') orchestrator.goOffline().catch(onBug)
  })
  // The popup holds a port open, which is how it notices that the worker was ended, and wakes it.
  browser.runtime.onConnect.addListener(() => {})

  const copy = (asked: Asked) =>
    quickCopy(asked, {
      read: readTab,
      copy: copyText,
      settings: () => settings.get(),
      showBadge,
      leaveNotice: (left) => notice.set(left),
      nowMs,
    }).catch(onBug)

  browser.runtime.onInstalled.addListener(() => {
    browser.contextMenus.removeAll().then(() => {
      browser.contextMenus.create({
        id: 'page',
        title: 'Copy page for prompt',
        contexts: ['page', 'frame', 'link', 'image'],
      })
      browser.contextMenus.create({ id: 'selection', title: 'Copy selection for prompt', contexts: ['selection'] })
    })
  })
  browser.contextMenus.onClicked.addListener((info, tab) => {
    if (tab?.id === undefined || (info.menuItemId !== 'page' && info.menuItemId !== 'selection')) return
    const what = info.menuItemId
    const place = { tabId: tab.id, title: tab.title ?? '', url: tab.url ?? '', selectionText: info.selectionText ?? '' }
    copy({ ...place, what, frameId: what === 'selection' ? (info.frameId ?? 0) : 0 })
  })
  browser.commands.onCommand.addListener((command, tab) => {
    if (command !== 'copy-page' || tab?.id === undefined) return
    const place = { tabId: tab.id, title: tab.title ?? '', url: tab.url ?? '', selectionText: '' }
    copy({ ...place, what: 'either', frameId: 0 })
  })

  isLocked.then(() => orchestrator.resume()).catch(onBug)
})

/** The popup again, where the browser lets us open it (Chrome 127, Firefox never); else a tick says that it is done. */
async function showPicked(tabId: number): Promise<void> {
  try {
    await browser.action.openPopup()
  } catch {
    await showBadge(tabId, 'done')
  }
}

async function showBadge(tabId: number, badge: keyof typeof BADGES): Promise<void> {
  const { text, color } = BADGES[badge]
  try {
    await browser.action.setBadgeBackgroundColor({ tabId, color })
    await browser.action.setBadgeText({ tabId, text })
    await wait(BADGE_MS, new AbortController().signal)
    await browser.action.setBadgeText({ tabId, text: '' })
  } catch {
    // The tab was closed: nobody is left to see a badge.
  }
}
