/** What only the real popup can show: its size, the browser's zoom, and what survives its closing. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { violations } from '../gallery/accessible'
import { article, expect, TEA, test } from './fixtures'
import { Installed } from './installed'

test('is 380 px wide and at most 580 px high, before the press and after it', async ({ page, openPopup }) => {
  const popup = await openPopup(page)
  await popup.says('How tea is made')
  const size = () => popup.eval<[number, number]>('[innerWidth, innerHeight]')
  expect((await size())[0]).toBe(380)
  await popup.press('Copy for prompt')
  await popup.says(/Copied/)
  await popup.until('grown to its content', 'innerHeight > 300')
  const [width, height] = await size()
  expect(width).toBe(380)
  expect(height).toBeLessThanOrEqual(580)
  expect(await popup.eval('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
})

test('asks for at most 40 kB of script, gzipped', () => {
  const folder = resolve(import.meta.dirname, '../../.output/chrome-mv3/chunks')
  const scripts = readdirSync(folder).filter((name) => !name.startsWith('offscreen'))
  const sizesBytes = scripts.map((name) => gzipSync(readFileSync(resolve(folder, name)), { level: 9 }).length)
  expect(Math.max(...sizesBytes)).toBeGreaterThan(10_000)
  expect(sizesBytes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(40_000)
})

test.describe('in a browser that zooms every page to 200 %', () => {
  // Popups follow the browser's own setting, not the zoom of a tab. Chrome keeps it as an exponent of 1.2.
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a test needs from here.
  test('the popup needs no sideways scrolling', async ({}, info) => {
    const profile = info.outputPath('profile')
    mkdirSync(resolve(profile, 'Default'), { recursive: true })
    const zoom = { partition: { default_zoom_level: { x: Math.log(2) / Math.log(1.2) } } }
    writeFileSync(resolve(profile, 'Default/Preferences'), JSON.stringify(zoom))
    const zoomed = await Installed.launch('chrome-mv3', profile)
    zoomed.network.pages.set(TEA, { body: article('tea.html') })
    const page = await zoomed.context.newPage()
    await page.goto(TEA)
    const popup = await zoomed.openPopup(page)
    await popup.press('Copy for prompt')
    await popup.says(/Copied/)
    expect(await popup.eval('devicePixelRatio')).toBe(2)
    expect(await popup.eval('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    // Chrome shows no popup wider than 800 real pixels.
    expect(await popup.eval('innerWidth * devicePixelRatio')).toBeLessThanOrEqual(800)
    await zoomed.close()
  })
})

test('keeps an edited text when it is closed and opened again', async ({ page, openPopup, readClipboard }) => {
  const popup = await openPopup(page)
  await popup.press('Copy for prompt')
  await popup.says(/Copied/)
  await popup.eval(`{
    const area = document.querySelector('textarea')
    area.value = 'My own words'
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }`)
  await popup.says('Edited, not copied yet')
  await popup.close()
  const reopened = await openPopup(page)
  await reopened.press('Copy for prompt')
  await reopened.says('My own words')
  // Looking at the clipboard opens a tab, which closes the popup.
  await reopened.says(/Copied/)
  await expect.poll(readClipboard).toBe('My own words')
})

test('is accessible as shipped', async ({ context, extensionId }) => {
  const tab = await context.newPage()
  await tab.goto(`chrome-extension://${extensionId}/popup.html`)
  await tab
    .getByText(/doesn't let extensions read/)
    .first()
    .waitFor()
  expect(await violations(tab)).toEqual([])
})
