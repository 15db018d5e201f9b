import type { Page, Worker } from '@playwright/test'
import { expect, test } from './fixtures'
import type { Popup } from './popup'

/*
 * Chrome's menus and global shortcuts are out of a headless browser's reach, so their events are dispatched in the
 * worker. A dispatched event grants nothing: `activeTab` comes from a press on the toolbar button before.
 */
declare const chrome: {
  commands: { onCommand: Dispatched; getAll(): Promise<{ name: string; shortcut: string }[]> }
  contextMenus: { onClicked: Dispatched }
  tabs: { query(filter: object): Promise<{ id: number; url?: string }[]> }
  action: { getBadgeText(details: { tabId: number }): Promise<string> }
}
interface Dispatched {
  dispatch(...args: unknown[]): void
}

async function grant(openPopup: (page: Page) => Promise<Popup>, page: Page): Promise<void> {
  const popup = await openPopup(page)
  await popup.says('Copy for prompt')
  await popup.close()
}

const press = (worker: Worker) =>
  worker.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true })
    chrome.commands.onCommand.dispatch('copy-page', tab)
  })

const choose = (worker: Worker, info: object) =>
  worker.evaluate(async (clicked) => {
    const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true })
    chrome.contextMenus.onClicked.dispatch(clicked, tab)
  }, info)

const badge = (worker: Worker) =>
  worker.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true })
    return tab ? chrome.action.getBadgeText({ tabId: tab.id }) : null
  })

test('the shortcut copies the page, with a tick that goes away', async ({
  page,
  openPopup,
  worker,
  readClipboard,
  network,
}) => {
  await grant(openPopup, page)
  await press(worker)
  await expect.poll(() => badge(worker)).toBe('✓')
  await expect.poll(() => badge(worker)).toBe('')
  expect(await readClipboard()).toMatch(/^# How tea is made\n\n> Source: <http:\/\/tea\.test\/>/)
  expect(network.elsewhere).toEqual([])
})

test('the shortcut is the one we say it is', async ({ worker }) => {
  const commands = await worker.evaluate(() => chrome.commands.getAll())
  expect(commands.find(({ name }) => name === 'copy-page')?.shortcut).toBe('Alt+Shift+M')
})

test('the menu copies the page, even when something is selected', async ({
  page,
  openPopup,
  worker,
  readClipboard,
}) => {
  await grant(openPopup, page)
  await page.evaluate(() => getSelection()?.selectAllChildren(document.querySelector('ol') as Element))
  await choose(worker, { menuItemId: 'page', frameId: 0 })
  await expect.poll(() => badge(worker)).toBe('✓')
  expect(await readClipboard()).toContain('picked by hand')
})

test('the menu copies the selection with its citation', async ({ page, openPopup, worker, readClipboard }) => {
  await grant(openPopup, page)
  await page.evaluate(() => getSelection()?.selectAllChildren(document.querySelector('ol') as Element))
  await choose(worker, { menuItemId: 'selection', frameId: 0, selectionText: 'Warm the pot' })
  await expect.poll(() => badge(worker)).toBe('✓')
  const copied = await readClipboard()
  expect(copied).toContain('1. Warm the pot with a little hot water.')
  expect(copied).toContain('http://tea.test/')
  expect(copied).not.toContain('picked by hand')
})

test('what could not be copied is told at the next opening, once', async ({ page, openPopup, worker }) => {
  // No press on the button before: the worker may not read this tab.
  await press(worker)
  await expect.poll(() => badge(worker)).toBe('!')
  const popup = await openPopup(page)
  await popup.says("couldn't be read")
  await popup.close()
  const again = await openPopup(page)
  await again.says('Copy for prompt')
  expect(await again.text()).not.toContain("couldn't be read")
})
