/**
 * One test's world: a Chromium with the built extension, a network that is written down, and where a test asks for it
 * the real backend with a store of its own.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BrowserContext, test as base, chromium, type Page, type Worker } from '@playwright/test'
import { Backend, type BackendOptions, Sandbox } from './backend'
import { API, Network, PROVIDER } from './network'
import { Popup } from './popup'

export const TEA = 'http://tea.test/'
/** A trustworthy origin, so that the clipboard may be read there. */
const CLIPBOARD = 'http://localhost:7099/'

const article = (name: string) => readFileSync(resolve(import.meta.dirname, 'pages', name), 'utf8')

interface Fixtures {
  /** The folder of the build under test. */
  build: string
  backendOptions: BackendOptions
  network: Network
  backend: Backend
  context: BrowserContext
  worker: Worker
  extensionId: string
  /** A tab that shows tea.test, a short article. */
  page: Page
  openPopup(page: Page): Promise<Popup>
  readClipboard(): Promise<string>
  /** Ends the service worker, as Chrome does at will. */
  killWorker(): Promise<void>
}

export const test = base.extend<Fixtures, { sandbox: Sandbox }>({
  build: ['chrome-mv3-e2e', { option: true }],
  backendOptions: [{ model: 'sandbox/ok', trialCredits: 150 }, { option: true }],

  sandbox: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from here.
    async ({}, use) => {
      const sandbox = await Sandbox.start()
      await use(sandbox)
      await sandbox.stop()
    },
    { scope: 'worker' },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: as above
  network: async ({}, use) => {
    const network = await Network.start()
    network.pages.set(TEA, { body: article('tea.html') })
    network.pages.set('http://long.test/', { body: article('long.html') })
    network.pages.set(CLIPBOARD, { body: '<!doctype html><title>Clipboard</title>' })
    await use(network)
    await network.stop()
  },

  backend: async ({ network, sandbox, backendOptions }, use) => {
    const backend = await Backend.start(sandbox, backendOptions)
    network.routes.set(API, backend.port)
    network.routes.set(PROVIDER, sandbox.port)
    await use(backend)
    await backend.stop()
  },

  context: async ({ build, network }, use, info) => {
    const extension = resolve(import.meta.dirname, '../../.output', build)
    // Chromium would start without it, and every test would wait for a worker that never comes.
    if (!existsSync(resolve(extension, 'manifest.json')))
      throw new Error(`${build} is not built: npm run e2e builds it`)
    const context = await chromium.launchPersistentContext(info.outputPath('profile'), {
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
    await use(context)
    await context.close()
  },

  worker: async ({ context }, use) => {
    await use(context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker')))
  },

  extensionId: async ({ worker }, use) => {
    await use(new URL(worker.url()).host)
  },

  page: async ({ context }, use) => {
    const page = context.pages()[0] ?? (await context.newPage())
    await page.goto(TEA)
    await use(page)
  },

  openPopup: async ({ context, extensionId }, use) => {
    await use((page) => Popup.open(context, extensionId, page))
  },

  readClipboard: async ({ context }, use) => {
    await use(async () => {
      await context.grantPermissions(['clipboard-read'], { origin: CLIPBOARD })
      const page = await context.newPage()
      await page.goto(CLIPBOARD)
      const text = await page.evaluate(() => navigator.clipboard.readText())
      await page.close()
      return text
    })
  },

  killWorker: async ({ context, extensionId }, use) => {
    await use(async () => {
      const session = await context.browser()?.newBrowserCDPSession()
      if (!session) throw new Error('no browser')
      const { targetInfos } = await session.send('Target.getTargets')
      const mine = targetInfos.filter(({ type, url }) => type === 'service_worker' && url.includes(extensionId))
      if (mine.length === 0) throw new Error('the worker is not running')
      for (const { targetId } of mine) await session.send('Target.closeTarget', { targetId })
      await session.detach()
    })
  },
})

export { expect } from '@playwright/test'
