/**
 * Pictures of the popup in both schemes. `npm run screenshots` writes those that the documentation shows; with
 * `PICTURES=directory` every state, or those in `ONLY=name,name`, is written there instead, to look at.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, test } from '@playwright/test'
import { POPUP_SIZE, servePopup, showPopup } from './show'
import { smallPng } from './small-png'
import { STATES } from './states'

const SCHEMES = ['light', 'dark'] as const
/** Every screen once, and enough of them dark to see that it is the same popup. */
const DOCUMENTED = [
  'start-offline-light',
  'start-ai-dark',
  'copied-light',
  'copied-dark',
  'consent-light',
  'long-page-dark',
  'improving-dark',
  'improved-finding-shown-light',
  'no-credits-light',
  'key-works-dark',
  'settings-light',
]

const elsewhere = process.env.PICTURES
const only = process.env.ONLY?.split(',')
const folder = elsewhere ?? join(import.meta.dirname, '../../../docs/images')

test('pictures of every state', async () => {
  test.setTimeout(600_000)
  mkdirSync(folder, { recursive: true })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' })
  for (const [name, state] of Object.entries(STATES)) {
    for (const colorScheme of SCHEMES) {
      const picture = `${name}-${colorScheme}`
      if (!(elsewhere ? !only || only.includes(name) : DOCUMENTED.includes(picture))) continue
      const context = await browser.newContext({
        colorScheme,
        viewport: POPUP_SIZE,
        deviceScaleFactor: 2,
        reducedMotion: 'reduce',
      })
      await servePopup(context)
      const page = await context.newPage()
      await showPopup(page, state.scene)
      await state.act?.(page)
      const screenshot = await page.locator('body').screenshot()
      writeFileSync(join(folder, `${picture}.png`), await smallPng(page, screenshot))
      await context.close()
    }
  }
  await browser.close()
})
