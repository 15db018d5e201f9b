import { expect, test } from './fixtures'

test.describe('Offline Mode', () => {
  test('copies the page as Markdown with one press', async ({ page, openPopup, readClipboard }) => {
    const popup = await openPopup(page)
    await popup.says('How tea is made')
    await popup.press('Copy for prompt')
    await popup.says(/Copied/)
    const copied = await readClipboard()
    expect(copied).toContain('# How tea is made')
    expect(copied).toContain('http://tea.test/')
    expect(copied).toContain('```js\nconst minutes = 4\nsteep(leaves, { minutes })\n```')
    expect(copied).toContain('3. Pour 250 ml of water over them and wait for 4 minutes.')
    expect(copied).toMatch(/\| Green\s*\| 2/)
    expect(copied).toContain('[soft water](http://tea.test/water)')
    expect(copied).not.toContain('All rights reserved')
  })

  test('copies with the Enter key alone', async ({ page, openPopup, readClipboard }) => {
    const popup = await openPopup(page)
    await popup.says('Copy for prompt')
    await popup.key('Enter')
    await popup.says(/Copied/)
    expect(await readClipboard()).toContain('# How tea is made')
  })

  test('makes no network request, whatever is pressed', async ({ page, openPopup, network, worker, readClipboard }) => {
    const popup = await openPopup(page)
    await popup.press('Copy for prompt')
    await popup.says(/Copied/)
    await popup.press('JSON')
    await popup.says(/Copied as JSON/)
    expect(network.elsewhere).toEqual([])
    expect(await popup.eval<string[]>(`(${requestsOf})()`)).toEqual([])
    expect(await worker.evaluate(requestsOf)).toEqual([])
    expect(JSON.parse(await readClipboard())).toMatchObject({ title: 'How tea is made' })
  })

  test('leaves the live page as it was', async ({ page, openPopup }) => {
    const state = () =>
      page.evaluate(() => ({
        html: document.documentElement.outerHTML,
        open: document.querySelector('details')?.open,
        typed: document.querySelector('input')?.value,
        scroll: scrollY,
        globals: Object.keys(globalThis).length,
      }))
    await page.fill('#name', 'Ada')
    await page.evaluate(() => {
      const seen: string[] = []
      Object.assign(globalThis, { seen })
      new MutationObserver((records) => seen.push(...records.map(({ type }) => type))).observe(document, {
        attributes: true,
        childList: true,
        characterData: true,
        subtree: true,
      })
      for (const type of ['copy', 'focus', 'blur', 'selectionchange', 'toggle', 'input', 'change']) {
        document.addEventListener(type, () => seen.push(type), true)
      }
    })
    const before = await state()
    const popup = await openPopup(page)
    await popup.press('Copy for prompt')
    await popup.says(/Copied/)
    expect(await state()).toEqual(before)
    expect(await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen)).toEqual([])
  })

  test('takes the page as it is now: typed text, opened details, what scripts added', async ({
    page,
    openPopup,
    readClipboard,
  }) => {
    await page.fill('#name', 'Ada Lovelace')
    await page.evaluate(() => {
      const late = document.createElement('p')
      late.textContent = 'This sentence was added by a script after the page had loaded, as pages do today.'
      document.querySelector('article')?.append(late)
    })
    const popup = await openPopup(page)
    await popup.press('Copy for prompt')
    await popup.says(/Copied/)
    const copied = await readClipboard()
    expect(copied).toContain('added by a script')
    expect(copied).toContain('Milk goes in last')
    expect(copied).toContain('Ada Lovelace')
  })

  test('takes the selection when there is one, and says so', async ({ page, openPopup, readClipboard }) => {
    await page.evaluate(() => {
      const list = document.querySelector('ol')
      if (list) getSelection()?.selectAllChildren(list)
    })
    const popup = await openPopup(page)
    await popup.says(/selection/i)
    await popup.press('Copy for prompt')
    await popup.says(/Copied/)
    const copied = await readClipboard()
    expect(copied).toContain('Warm the pot')
    expect(copied).not.toContain('picked by hand')
  })

  test('copies what was edited', async ({ page, openPopup, readClipboard }) => {
    const popup = await openPopup(page)
    await popup.press('Copy for prompt')
    await popup.says(/Copied/)
    await popup.fill('textarea', 'My own words')
    await popup.press('Copy')
    await popup.says(/Copied/)
    expect(await readClipboard()).toBe('My own words')
  })

  for (const [what, url, words] of [
    ['a settings page', 'chrome://version/', /doesn't let extensions read/],
    ['a page of another extension', 'chrome://extensions/', /doesn't let extensions read/],
  ] as const) {
    test(`says kindly that it can't read ${what}`, async ({ page, openPopup, network }) => {
      await page.goto(url)
      const popup = await openPopup(page)
      await popup.says(words)
      expect(network.elsewhere).toEqual([])
    })
  }

  test("says kindly that it can't read a PDF", async ({ page, openPopup, network }) => {
    network.pages.set('http://tea.test/tea.pdf', { body: PDF, contentType: 'application/pdf' })
    await page.goto('http://tea.test/tea.pdf').catch(() => {
      // Playwright takes the viewer for a download that aborted the navigation.
    })
    const popup = await openPopup(page)
    await popup.says(/PDF/)
  })
})

/** What this context itself ever asked a network for. */
function requestsOf(): string[] {
  const requests = performance.getEntriesByType('resource').map(({ name }) => name)
  return requests.filter((url) => !url.startsWith('chrome-extension:'))
}

const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
)
