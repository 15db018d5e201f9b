/**
 * Puts the popup on a Playwright page with a scene behind it. No server and no port: what is shown is the built popup,
 * read from disk, and its requests are answered here.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BrowserContext, Page } from '@playwright/test'
import { type FakeChrome, installFakeChrome, type Scene } from './fake-chrome'
import { SCENE_TIME } from './scenes'

const BUILD = resolve(import.meta.dirname, '../../.output/chrome-mv3-e2e')
const ORIGIN = 'https://popup.test'
const TYPES: Record<string, string> = { html: 'text/html', js: 'text/javascript', css: 'text/css' }

/** As Chrome shows it. */
export const POPUP_SIZE = { width: 380, height: 580 }

/** Once for each context, before `showPopup`. Without scripts, nothing runs but what is in the page itself. */
export async function servePopup(context: BrowserContext, { scripts = true } = {}): Promise<void> {
  if (!existsSync(join(BUILD, 'popup.html'))) throw new Error('The popup is not built: npx wxt build --mode e2e')
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ORIGIN })
  await context.route(`${ORIGIN}/**`, (route) => {
    const { pathname } = new URL(route.request().url())
    const type = pathname.split('.').pop() ?? ''
    const file = join(BUILD, pathname)
    if (!existsSync(file) || (type === 'js' && !scripts)) return route.fulfill({ status: 404 })
    return route.fulfill({ body: readFileSync(file), contentType: TYPES[type] ?? 'application/octet-stream' })
  })
  if (scripts) await context.addInitScript(installFakeChrome)
}

/** A new opening of the popup, whatever the page showed before. The clipboard is emptied. */
export async function showPopup(page: Page, scene: Scene): Promise<void> {
  await page.clock.setFixedTime(SCENE_TIME)
  // The scene travels in the address, where the page finds it before anything of the popup runs.
  await page.goto(`${ORIGIN}/popup.html?${encodeURIComponent(JSON.stringify(scene))}`)
  // What the scene has stored has been read and drawn.
  await page.waitForFunction(() => (globalThis as unknown as { fake: FakeChrome }).fake.sent.length > 1)
  await page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    await navigator.clipboard.writeText('')
  })
}

/** What is painted before any script. */
export async function showShell(page: Page): Promise<void> {
  await page.goto(`${ORIGIN}/popup.html`)
}

/** Every message the popup sent to the background so far. */
export function sentMessages(page: Page): Promise<Record<string, unknown>[]> {
  return page.evaluate(() => (globalThis as unknown as { fake: FakeChrome }).fake.sent)
}

/** Change what is stored, as the background would. */
export function store(page: Page, area: 'local' | 'session', key: string, value: unknown): Promise<void> {
  return page.evaluate(
    ([to, name, stored]) =>
      (globalThis as unknown as { fake: FakeChrome }).fake.store(to as 'local' | 'session', name as string, stored),
    [area, key, value] as const,
  )
}

/** What is stored now. */
export function stored(page: Page, area: 'local' | 'session', key: string): Promise<unknown> {
  return page.evaluate(
    ([from, name]) =>
      (globalThis as unknown as { fake: FakeChrome }).fake.stored(from as 'local' | 'session', name as string),
    [area, key] as const,
  )
}

export const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
