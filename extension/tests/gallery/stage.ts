/** The popup on one page for each worker: every test shows it anew, and none pays for a browser window of its own. */
import { test as base, type Page } from '@playwright/test'
import { POPUP_SIZE, servePopup } from './show'

export const test = base.extend<{ page: Page }, { stage: Page }>({
  stage: [
    async ({ browser }, use) => {
      // Nothing fades, so a colour that is looked at is the one that stays.
      const context = await browser.newContext({ viewport: POPUP_SIZE, reducedMotion: 'reduce' })
      await servePopup(context)
      await use(await context.newPage())
      await context.close()
    },
    { scope: 'worker' },
  ],

  page: async ({ stage }, use) => {
    await use(stage)
    await stage.emulateMedia({ colorScheme: 'light' })
    await stage.setViewportSize(POPUP_SIZE)
    const [, ...others] = stage.context().pages()
    await Promise.all(others.map((other) => other.close()))
  },
})

export { expect } from '@playwright/test'
