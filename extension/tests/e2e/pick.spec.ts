/** Pointing at a part of a real page: by mouse, by keyboard, and what the page notices of it. */
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import type { Popup } from './popup'

async function startPicking(page: Page, popup: Popup): Promise<void> {
  await popup.press('Copy for prompt')
  await popup.says(/Copied/)
  await popup.press('Pick a part of the page')
  await expect(page.locator('promptready-picker')).toBeAttached()
}

test('a click takes the part under the mouse, and the popup comes back with it', async ({
  page,
  openPopup,
  readClipboard,
}) => {
  const before = await page.evaluate(() => document.documentElement.outerHTML)
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(globalThis, { seen })
    for (const type of ['pointerdown', 'mousedown', 'mouseup', 'click', 'keydown']) {
      document.addEventListener(type, () => seen.push(type), true)
    }
  })
  await startPicking(page, await openPopup(page))
  await page.locator('table td').first().hover({ force: true })
  await page.mouse.down()
  await page.mouse.up()
  await expect(page.locator('promptready-picker')).not.toBeAttached()

  const popup = await openPopup(page, { isOpen: true })
  await popup.says('picked part of')
  await popup.key('Enter')
  await popup.says(/Copied/)
  const copied = await readClipboard()
  expect(copied).toMatch(/\| Green\s*\| 2/)
  expect(copied).not.toContain('Warm the pot')
  // The page is as it was, and heard of no press.
  expect(await page.evaluate(() => document.documentElement.outerHTML)).toBe(before)
  expect(await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen)).toEqual([])
})

test('arrow keys and Enter take a part too, and it stays picked at the next opening', async ({ page, openPopup }) => {
  await startPicking(page, await openPopup(page))
  await page.locator('ol li').first().hover({ force: true })
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  const popup = await openPopup(page, { isOpen: true })
  await popup.says('picked part of')
  await popup.close()
  const again = await openPopup(page)
  await again.says('picked part of')
  await again.press('Copy for prompt')
  const text = await again.says('Put in 3 grams of leaves')
  expect(text).not.toContain('Warm the pot')
})

test('Escape cancels, and leaves the page and the result as they were', async ({ page, openPopup, worker }) => {
  await page.focus('#name')
  await startPicking(page, await openPopup(page))
  await page.keyboard.press('Escape')
  await expect(page.locator('promptready-picker')).not.toBeAttached()
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('name')
  expect(
    await worker.evaluate(() => (globalThis as unknown as { chrome: Chrome }).chrome.storage.session.get()),
  ).toMatchObject({ 'job:http://tea.test/': { state: 'ready', captured: { page: { scope: 'auto' } } } })
})

interface Chrome {
  storage: { session: { get(): Promise<object> } }
}
