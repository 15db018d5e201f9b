/** Every state of the popup, from the gallery: accessible in both schemes, whole at 200 % zoom, within the popup's size. */
import type { Page } from '@playwright/test'
import { violations } from '../gallery/accessible'
import { POPUP_SIZE, showPopup } from '../gallery/show'
import { expect, test } from '../gallery/stage'
import { STATES } from '../gallery/states'

for (const [name, { scene, act }] of Object.entries(STATES)) {
  test(`${name} is accessible in light and dark, and fits at 100 % and 200 %`, async ({ page }) => {
    await showPopup(page, scene)
    await act?.(page)
    expect(await violations(page)).toEqual([])
    expect(await cutOff(page)).toEqual([])

    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await violations(page, ['color-contrast'])).toEqual([])

    await page.setViewportSize({ width: POPUP_SIZE.width / 2, height: POPUP_SIZE.height / 2 })
    expect(await cutOff(page)).toEqual([])
  })
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
