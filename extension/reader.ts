/** Reading a tab: the capture script, injected when asked and never before, and why it may not run. */
import { browser } from 'wxt/browser'
import type { CleanOptions } from './cleaner'
import type { Unreadable } from './job'
import type { Read } from './orchestrator'

/** What the capture script puts into its isolated world, out of the page's reach. */
export type CaptureFunction = (options: CleanOptions) => Read
export interface CaptureWorld {
  promptReadyCapture?: CaptureFunction
  /** Lets the person point at a part; true once `promptReadyPicked` is it, false if they cancel. */
  promptReadyPick?: () => Promise<boolean>
  promptReadyIsPicking?: boolean
  promptReadyPicked?: Element
}

const CAPTURE_FILE = '/capture.js'
const PICK_FILE = '/pick.js'

/** Needs `activeTab` for the tab. Never raises: a page that can't be read has a reason. */
export async function readTab(tabId: number, options: CleanOptions, frameId = 0): Promise<Read> {
  const target = { tabId, frameIds: [frameId] }
  try {
    const first = await callCapture(target, options)
    if (first) return first
    await browser.scripting.executeScript({ target, files: [CAPTURE_FILE] })
    return (await callCapture(target, options)) ?? { kind: 'unreadable', reason: 'refused' }
  } catch (error) {
    const tab = await browser.tabs.get(tabId).catch(() => null)
    return { kind: 'unreadable', reason: tab ? unreadableReason(tab.url, String(error)) : 'gone' }
  }
}

/** Null if the capture script is not there yet. It is parsed once for each page, and only for pages that are used. */
async function callCapture(target: { tabId: number; frameIds: number[] }, options: CleanOptions): Promise<Read | null> {
  const [injection] = await browser.scripting.executeScript({
    target,
    args: [options],
    func: (asked: CleanOptions) => (globalThis as CaptureWorld).promptReadyCapture?.(asked) ?? null,
  })
  return (injection?.result as Read | null | undefined) ?? null
}

/** Let the person pick a part of the page, which `readTab` then takes. False if they cancel or leave the page. */
export async function pickInTab(tabId: number): Promise<boolean> {
  const target = { tabId }
  try {
    await browser.scripting.executeScript({ target, files: [PICK_FILE] })
    const [injection] = await browser.scripting.executeScript({
      target,
      func: () => (globalThis as CaptureWorld).promptReadyPick?.() ?? false,
    })
    return injection?.result === true
  } catch {
    // The tab was closed or went to another page: nobody is left to pick anything.
    return false
  }
}

const BROWSERS_OWN_ADDRESS = /^(chrome|edge|brave|about|devtools|view-source|chrome-extension|moz-extension|resource):/
const BROWSERS_OWN_REFUSAL = /(chrome|edge|about|devtools|extension):(\/\/)? ?url/i

/** Browsers tell a refusal by a sentence only; the address decides first, where it may be seen. */
export function unreadableReason(url: string | undefined, message: string): Unreadable {
  if (/gallery cannot be scripted/i.test(message) || isStore(url)) return 'store'
  if (url?.startsWith('file:') || /url "file:/i.test(message)) return 'file'
  // Without the right to see the address, the browser's own pages are known by the refusal's words.
  if (url === undefined ? BROWSERS_OWN_REFUSAL.test(message) : BROWSERS_OWN_ADDRESS.test(url)) return 'browser-page'
  if (/frame .*(removed|not found|no frame)|no tab with id|tab was closed|no frame with id/i.test(message))
    return 'gone'
  return 'refused'
}

function isStore(url: string | undefined): boolean {
  return /^https:\/\/(chromewebstore\.google\.com|chrome\.google\.com\/webstore|microsoftedge\.microsoft\.com\/addons|addons\.mozilla\.org)\b/.test(
    url ?? '',
  )
}
