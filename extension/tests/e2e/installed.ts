/** A Chromium with a built extension in it, and the proxy through which everything it asks for goes. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BrowserContext, type CDPSession, chromium, type Page, type Worker } from '@playwright/test'
import { Network } from './network'
import { Popup } from './popup'

/** A trustworthy origin, so that the clipboard may be used there. */
export const CLIPBOARD = 'http://localhost:7099/'

/** What runs in the extension's own page sees the browser's own. */
declare const chrome: {
  runtime: { sendMessage(message: object): Promise<unknown> }
  storage: Record<'local' | 'session' | 'sync', { clear(): Promise<void> }>
}

export class Installed {
  #popups: Popup[] = []

  private constructor(
    readonly context: BrowserContext,
    readonly network: Network,
    readonly id: string,
    /** A page of the extension that runs nothing, to reach what only the extension may. */
    readonly backstage: Page,
    readonly browser: CDPSession,
  ) {}

  /** @param build a folder of `.output`. */
  static async launch(build: string, profile: string): Promise<Installed> {
    const extension = resolve(import.meta.dirname, '../../.output', build)
    // Chromium would start without it, and every test would wait for a worker that never comes.
    if (!existsSync(resolve(extension, 'manifest.json'))) throw new Error(`${build} is not built: see npm run e2e`)
    const network = await Network.start()
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: !process.env.HEADED,
      args: [
        `--disable-extensions-except=${extension}`,
        `--load-extension=${extension}`,
        // Everything goes through the proxy, loopback included.
        `--proxy-server=http://127.0.0.1:${network.port}`,
        '--proxy-bypass-list=<-loopback>',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // What the browser itself would send to its maker while a page with a form is open.
        '--allow-browser-signin=false',
        '--disable-features=AutofillServerCommunication',
        // Containers have no user namespaces for it.
        '--no-sandbox',
      ],
    })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: CLIPBOARD })
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
    const id = new URL(worker.url()).host
    const backstage = context.pages()[0] ?? (await context.newPage())
    await backstage.goto(`chrome-extension://${id}/manifest.json`)
    const browser = await context.browser()?.newBrowserCDPSession()
    if (!browser) throw new Error('no browser')
    return new Installed(context, network, id, backstage, browser)
  }

  async openPopup(page: Page, options?: { isOpen: boolean }): Promise<Popup> {
    const popup = await Popup.open(this.context, this.id, page, options)
    this.#popups.push(popup)
    return popup
  }

  /** The running worker; a message that does nothing wakes one that is not. */
  async worker(): Promise<Worker> {
    await this.backstage.evaluate(() => chrome.runtime.sendMessage({ do: 'credits' }))
    // For Playwright a worker that was ended and woken is the same one.
    const worker = this.context.serviceWorkers().at(-1)
    if (!worker) throw new Error('no worker')
    return worker
  }

  /** Ends the service worker, as Chrome does at will. */
  async killWorker(): Promise<void> {
    const targets = await this.#workerTargets()
    if (targets.length === 0) throw new Error('the worker is not running')
    await this.#endWorker(targets)
  }

  async #workerTargets(): Promise<string[]> {
    const { targetInfos } = await this.browser.send('Target.getTargets')
    return targetInfos
      .filter(({ type, url }) => type === 'service_worker' && url.includes(this.id))
      .map(({ targetId }) => targetId)
  }

  async #endWorker(targets: string[]): Promise<void> {
    for (const targetId of targets) await this.browser.send('Target.closeTarget', { targetId })
  }

  /** As if just installed: no page, no popup, nothing stored, nothing going on. */
  async reset(): Promise<void> {
    // The popup first: it wakes a worker that ends.
    await Promise.all(this.#popups.map((popup) => popup.end()))
    this.#popups = []
    const pages = this.context.pages().filter((page) => page !== this.backstage)
    await Promise.all(pages.map((page) => page.close()))
    // Whatever the worker still has in hand ends with it, so that it writes nothing after this.
    await this.#endWorker(await this.#workerTargets())
    await this.backstage.evaluate(async () => {
      const { local, session, sync } = chrome.storage
      await Promise.all([local.clear(), session.clear(), sync.clear()])
    })
  }

  async close(): Promise<void> {
    await this.context.close()
    await this.network.stop()
  }
}
