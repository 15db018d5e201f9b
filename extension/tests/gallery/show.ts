/** Puts the popup on a Playwright page with a scene behind it. No server and no port: the page's requests are answered here. */
import type { Page } from '@playwright/test'
import type { Files } from './build'
import { type FakeChrome, installFakeChrome, type Scene } from './fake-chrome'
import { SCENE_TIME } from './scenes'

const ORIGIN = 'https://popup.test'

/** As Chrome shows it. */
export const POPUP_SIZE = { width: 380, height: 580 }

/** Without a scene nothing runs but what is in the page itself. */
export async function showPopup(page: Page, files: Files, scene: Scene | null): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ORIGIN })
  await page.route(`${ORIGIN}/**`, async (route) => {
    const file = files.get(new URL(route.request().url()).pathname)
    if (!file) return route.fulfill({ status: 404 })
    await route.fulfill({ body: Buffer.from(file.body), contentType: file.contentType })
  })
  await page.clock.setFixedTime(SCENE_TIME)
  if (scene) await page.addInitScript(installFakeChrome, scene)
  await page.goto(`${ORIGIN}/index.html`)
  if (!scene) return
  // What the scene has stored has been read and drawn.
  await page.waitForFunction(() => (globalThis as unknown as { fake: FakeChrome }).fake.sent.length > 1)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
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
