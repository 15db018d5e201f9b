import { expect, test } from './fixtures'
import type { Popup } from './popup'

/** What runs in the worker sees the browser's own. */
declare const chrome: { storage: { local: { get(key: string): Promise<Record<string, unknown>> } } }

const PROCESS = 'http://localhost:7071/api/process-ai'
const CHECK = 'http://localhost:7071/api/check-credits'

/** Turns AI Mode on and says yes to what is asked first. */
async function turnOnAi(popup: Popup): Promise<void> {
  await popup.press('AI')
  await popup.says(/free AI cleanups/i)
  await popup.press('Copy for prompt')
  await popup.says(/sends this page's text/)
  await popup.press('Turn on AI')
}

const sent = (network: { seen: { url: string }[] }, url: string) => network.seen.filter((seen) => seen.url === url)

test.describe('AI Mode with free credits', () => {
  test('sends nothing, not even an id, before consent', async ({ backend: _, network, page, openPopup }) => {
    const popup = await openPopup(page)
    await popup.press('AI')
    await popup.says(/free AI cleanups/i)
    await popup.press('Copy for prompt')
    await popup.says(/sends this page's text/)
    expect(network.elsewhere).toEqual([])
    await popup.press('Stay offline')
    await popup.says('Copied')
    expect(network.elsewhere).toEqual([])
  })

  test('takes its question back, and sends nothing, when the switch says Offline', async ({
    backend: _,
    network,
    page,
    openPopup,
  }) => {
    const popup = await openPopup(page)
    await popup.press('AI')
    await popup.press('Copy for prompt')
    await popup.says(/sends this page's text/)
    await popup.press('Offline')
    await expect.poll(() => popup.text()).not.toContain("sends this page's text")
    await popup.says('Copied')
    expect(sent(network, PROCESS)).toEqual([])
  })

  test('improves the page, takes one credit, and checks the answer against the page', async ({
    backend: _,
    network,
    page,
    openPopup,
    worker,
  }) => {
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await popup.says('Improved')
    await popup.says('# How tea is made')
    const [request] = sent(network, PROCESS)
    const body = JSON.parse((request as unknown as { body: string }).body)
    expect(Object.keys(body).sort()).toEqual(['cohort', 'content', 'userId'])
    expect(body.content).toContain('Tea begins with water')
    expect(body.content).not.toContain('Source:')
    await popup.close()
    const again = await openPopup(page)
    await again.says('Improved')
    expect(await creditsIn(worker)).toBe(149)
    expect(sent(network, PROCESS)).toHaveLength(1)
    // The same look at the worker that finds nothing in Offline Mode.
    expect(await worker.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))).toContain(
      PROCESS,
    )
  })

  test('asks the server how many credits are left when it opens', async ({ backend: _, network, page, openPopup }) => {
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await popup.says('Improved')
    await popup.close()
    const before = sent(network, CHECK).length
    await page.goto('http://long.test/')
    const again = await openPopup(page)
    await again.says('149 free AI cleanups left')
    // The number it knew is shown at once; the question comes after it.
    await expect.poll(() => sent(network, CHECK).length).toBeGreaterThan(before)
  })

  test('says what a long page costs before it is sent, and puts its parts together', async ({
    backend: _,
    network,
    page,
    openPopup,
    worker,
  }) => {
    await page.goto('http://long.test/')
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await popup.says(/3 parts/)
    expect(sent(network, PROCESS)).toEqual([])
    await popup.press('Improve all')
    const text = await popup.says('Improved')
    expect(sent(network, PROCESS)).toHaveLength(3)
    expect(text.indexOf('Paragraph 1.1 ')).toBeLessThan(text.indexOf('Paragraph 2.1 '))
    expect(text.indexOf('Paragraph 2.26 ')).toBeLessThan(text.indexOf('Paragraph 3.1 '))
    expect(await creditsIn(worker)).toBe(147)
  })

  test('improves the first part alone, says so, and improves the rest at a press', async ({
    backend: _,
    network,
    page,
    openPopup,
    worker,
  }) => {
    await page.goto('http://long.test/')
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await popup.press('First part only')
    await popup.says('2 parts of 3 stayed as on the page')
    expect(sent(network, PROCESS)).toHaveLength(1)
    await popup.press('Improve the rest')
    await expect.poll(() => creditsIn(worker)).toBe(147)
    expect(await popup.says('Improved')).not.toContain('stayed as on the page')
    expect(sent(network, PROCESS)).toHaveLength(3)
  })
})

test.describe('when credits run out', () => {
  test.use({ backendOptions: { model: 'sandbox/ok', trialCredits: 2 } })

  test('the parts that were paid are improved, and the way to an own key is one press', async ({
    backend,
    page,
    openPopup,
    worker,
  }) => {
    await page.goto('http://long.test/')
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await popup.press('Improve all')
    await popup.says(/used all free AI cleanups/)
    expect(await creditsIn(worker)).toBe(0)
    expect(await popup.text()).toContain('Paragraph 3.26 ')
    await popup.press('Add my key')
    await popup.says('Your key')
    expect(JSON.parse(await backend.admin('budget', '--json')).weekly_spend_usd).toBeGreaterThan(0)
  })
})

test.describe('when the week is full', () => {
  test.afterEach(async ({ backend }) => {
    await backend.admin('breaker', 'close')
  })

  test('says until when, and keeps the page', async ({ backend, network, page, openPopup, readClipboard }) => {
    await backend.admin('breaker', 'open')
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await popup.says(/full until/)
    expect(await popup.text()).toContain('How tea is made')
    expect(sent(network, PROCESS)).toHaveLength(1)
    await popup.press('Keep offline')
    expect(await readClipboard()).toContain('# How tea is made')
  })
})

test.describe('when something breaks', () => {
  // The hold of a backend that was killed ends with its lease, which nobody wants to wait out in a test.
  const settings = { REQUEST_DEADLINE_S: '5', HOLD_LEASE_S: '6' }
  test.use({ backendOptions: { model: 'sandbox/slow-1000', trialCredits: 150, settings } })

  test('a killed worker goes on by itself, under the same key, for one credit', async ({
    backend: _,
    network,
    page,
    openPopup,
    killWorker,
    context,
  }) => {
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await expect.poll(() => sent(network, PROCESS).length).toBe(1)
    await killWorker()
    await popup.says('Improved', 20_000)
    const keys = network.seen.filter(({ url }) => url === PROCESS).map(({ headers }) => headers['idempotency-key'])
    expect(keys.length).toBeGreaterThan(1)
    expect(new Set(keys).size).toBe(1)
    const worker = context.serviceWorkers().at(-1) ?? (await context.waitForEvent('serviceworker'))
    expect(await creditsIn(worker)).toBe(149)
  })

  test('a worker killed while the popup is closed goes on when it is opened', async ({
    backend: _,
    network,
    page,
    openPopup,
    killWorker,
  }) => {
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await expect.poll(() => sent(network, PROCESS).length).toBe(1)
    await popup.close()
    await killWorker()
    const again = await openPopup(page)
    await again.says('Improved', 20_000)
    const keys = network.seen.filter(({ url }) => url === PROCESS).map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(1)
  })

  test('a killed backend costs nothing, keeps the page, and a second try works', async ({
    backend,
    network,
    page,
    openPopup,
    worker,
  }) => {
    test.setTimeout(60_000)
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await expect.poll(() => sent(network, PROCESS).length).toBe(1)
    await backend.kill()
    await popup.says(/AI didn't answer/)
    expect(await popup.text()).toContain('Tea begins with water')
    await backend.restart()
    await popup.press('Try again')
    await popup.says('Improved', 40_000)
    const keys = network.seen.filter(({ url }) => url === PROCESS).map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(1)
    expect(await creditsIn(worker)).toBe(149)
  })

  test('cancelling stops at once and keeps the page', async ({ backend: _, network, page, openPopup }) => {
    const popup = await openPopup(page)
    await turnOnAi(popup)
    await expect.poll(() => sent(network, PROCESS).length).toBe(1)
    await popup.press('Cancel')
    await popup.until('no longer improving', `!document.body.innerText.includes('Improving')`, 1_500)
    expect(await popup.text()).toContain('Tea begins with water')
  })
})

async function creditsIn(worker: import('@playwright/test').Worker): Promise<number> {
  const { credits } = await worker.evaluate(() => chrome.storage.local.get('credits'))
  return (credits as { remaining: number }).remaining
}
