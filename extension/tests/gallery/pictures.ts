/**
 * Pictures of the popup in both schemes. `npm run screenshots` writes those that the documentation shows; with
 * `PICTURES=directory` every state is written there instead, to look at.
 */
import { join } from 'node:path'
import { chromium, test } from '@playwright/test'
import { buildPopup } from './build'
import { POPUP_SIZE, showPopup } from './show'
import { STATES } from './states'

const DOCUMENTED = [
  'start-offline',
  'copied',
  'start-ai',
  'consent',
  'improving',
  'improved-with-findings',
  'no-credits',
  'key-works',
  'settings',
]

const elsewhere = process.env.PICTURES
const only = process.env.ONLY?.split(',')
const folder = elsewhere ?? join(import.meta.dirname, '../../../docs/images')

test('pictures of every state', async () => {
  test.setTimeout(300_000)
  const files = await buildPopup()
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' })
  for (const [name, state] of Object.entries(STATES)) {
    if (!(elsewhere ? (only ?? [name]) : DOCUMENTED).includes(name)) continue
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        colorScheme,
        viewport: POPUP_SIZE,
        deviceScaleFactor: 2,
        reducedMotion: 'reduce',
      })
      const page = await context.newPage()
      await showPopup(page, files, state.scene)
      await state.act?.(page)
      await page.locator('body').screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
      await context.close()
    }
  }
  await browser.close()
})
