/**
 * One test's world: a Chromium with the built extension as if just installed, a network that is written down, and where
 * a test asks for it the real backend.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BrowserContext, test as base, type Page, type Worker } from '@playwright/test'
import { type Backend, type BackendOptions, Backends, Sandbox } from './backend'
import { CLIPBOARD, Installed } from './installed'
import { API, type Network, PROVIDER } from './network'
import type { Popup } from './popup'

export const TEA = 'http://tea.test/'

export const article = (name: string) => readFileSync(resolve(import.meta.dirname, 'pages', name), 'utf8')

/** The e2e build, whose address for our API is one that tests can serve. */
const E2E_BUILD = 'chrome-mv3-e2e'

interface Fixtures {
  backendOptions: BackendOptions
  backend: Backend
  /** What one test did must not be there for the next: runs for every test, asked for or not. */
  fresh: undefined
  network: Network
  context: BrowserContext
  worker: Worker
  extensionId: string
  /** A tab that shows tea.test, a short article. */
  page: Page
  openPopup(page: Page, options?: { isOpen: boolean }): Promise<Popup>
  readClipboard(): Promise<string>
  /** Ends the service worker, as Chrome does at will. */
  killWorker(): Promise<void>
}

interface WorkerFixtures {
  sandbox: Sandbox
  backends: Backends
  /** One Chromium with the extension for all tests of a Playwright worker: starting one takes longer than most tests. */
  installed: Installed
}

export const test = base.extend<Fixtures, WorkerFixtures>({
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

  backends: [
    async ({ sandbox }, use) => {
      const backends = new Backends(sandbox)
      await use(backends)
      await backends.stop()
    },
    { scope: 'worker' },
  ],

  installed: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use, info) => {
      const profile = resolve(info.project.outputDir, `profile-${info.workerIndex}`)
      const installed = await Installed.launch(E2E_BUILD, profile)
      await use(installed)
      await installed.close()
    },
    { scope: 'worker' },
  ],

  fresh: [
    async ({ installed }, use) => {
      installed.network.forget()
      installed.network.pages.set(TEA, { body: article('tea.html') })
      installed.network.pages.set('http://long.test/', { body: article('long.html') })
      installed.network.pages.set(CLIPBOARD, { body: '<!doctype html><title>Clipboard</title>' })
      await use(undefined)
      await installed.reset()
    },
    { auto: true },
  ],

  network: ({ installed }, use) => use(installed.network),
  context: ({ installed }, use) => use(installed.context),
  extensionId: ({ installed }, use) => use(installed.id),
  killWorker: ({ installed }, use) => use(() => installed.killWorker()),
  worker: async ({ installed }, use) => use(await installed.worker()),
  openPopup: ({ installed }, use) => use((page, options) => installed.openPopup(page, options)),

  backend: async ({ network, sandbox, backends, backendOptions }, use) => {
    const backend = await backends.with(backendOptions)
    network.routes.set(API, backend.port)
    network.routes.set(PROVIDER, sandbox.port)
    await use(backend)
  },

  page: async ({ context, fresh: _ }, use) => {
    const page = await context.newPage()
    await page.goto(CLIPBOARD)
    await page.evaluate(() => navigator.clipboard.writeText(''))
    await page.goto(TEA)
    await use(page)
  },

  readClipboard: async ({ context }, use) => {
    await use(async () => {
      const page = await context.newPage()
      await page.goto(CLIPBOARD)
      const text = await page.evaluate(() => navigator.clipboard.readText())
      await page.close()
      return text
    })
  },
})

export { expect } from '@playwright/test'
