/** Every state of the popup, from the gallery: accessible in both schemes, whole at 200 % zoom, within the popup's size. */
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { buildPopup, type Files } from '../gallery/build'
import { POPUP_SIZE, showPopup } from '../gallery/show'
import { STATES } from '../gallery/states'

test.use({ launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' }, viewport: POPUP_SIZE })

// Two passes of axe take their time on a busy computer.
test.describe.configure({ timeout: 60_000 })

let files: Files
test.beforeAll(async () => {
  files = await buildPopup()
})

for (const [name, { scene, act }] of Object.entries(STATES)) {
  test(`${name} is accessible in light and dark, and fits at 100 % and 200 %`, async ({ page }) => {
    await showPopup(page, files, scene)
    await act?.(page)
    expect(await violations(page)).toEqual([])
    expect(await cutOff(page)).toEqual([])

    // Only colours differ, and those of the controls fade from one scheme to the other.
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(() => violations(page, ['color-contrast'])).toEqual([])

    await page.setViewportSize({ width: POPUP_SIZE.width / 2, height: POPUP_SIZE.height / 2 })
    expect(await cutOff(page)).toEqual([])
  })
}

async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  const run = rules
    ? axe.withRules(rules)
    : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
  const found = await run.analyze()
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  )
}

/** Whatever sticks out sideways: the page itself, or anything within a box that can't be scrolled. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    return [...document.querySelectorAll('body, body *')]
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect()
        const isHidden = element.closest('.unseen, [hidden], option, svg') !== null
        return !isHidden && (left < -0.5 || right > width + 0.5)
      })
      .map((element) => `${element.tagName}.${element.className} ${element.textContent?.slice(0, 40)}`)
  })
}
