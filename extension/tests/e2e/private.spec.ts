import { expect, test } from './fixtures'
import type { Popup } from './popup'

const CONTACTS = 'http://contacts.test/'
const PAGE = `<!doctype html><html lang="en"><title>Who makes the tea</title><main><h1>Who makes the tea</h1>
  <p>Ada Brewer warms the pot and answers every letter that is sent to <a href="mailto:ada@teahouse.org">ada@teahouse.org</a>,
  and Bea, who picks the leaves by hand in the early morning, those to bea@teahouse.org. Both are at the tea house from
  7 to 19 on every day of the year but one, and glad to show visitors around.</p></main>`
const PRIVATE = /teahouse\.org/

/** What reached the provider: with free credits by way of our server, which passes the content on as it is. */
const contents = (network: { seen: { url: string; body: string }[] }, path: string) =>
  network.seen.filter(({ url }) => url.endsWith(path)).map(({ body }) => body)

async function askedAboutIt(popup: Popup): Promise<void> {
  await popup.says('This page seems to hold 2 e-mail addresses.')
}

test.beforeEach(({ network }) => {
  network.pages.set(CONTACTS, { body: PAGE })
})

test('what is hidden never leaves, and is back in the result, though popup and worker ended in between', async ({
  backend: _,
  network,
  page,
  openPopup,
  killWorker,
  readClipboard,
}) => {
  // Two popups, a worker's end and a second page: more than others do.
  test.setTimeout(60_000)
  await page.goto(CONTACTS)
  const popup = await openPopup(page)
  await popup.press('AI')
  await popup.says(/free AI cleanups/i)
  await popup.press('Copy for prompt')
  await popup.press('Turn on AI')
  await askedAboutIt(popup)
  expect(contents(network, '/process-ai')).toEqual([])
  await popup.close()
  await killWorker()

  const again = await openPopup(page)
  await again.press('Copy for prompt')
  await askedAboutIt(again)
  await again.press('Hide them and send')
  await again.says('Improved and copied')
  const [sent = '', ...more] = contents(network, '/process-ai')
  expect(more).toEqual([])
  expect(JSON.parse(sent).content).toContain('[HiddenEmail1](mailto:HiddenEmail1)')
  expect(sent).not.toMatch(PRIVATE)
  expect(await again.text()).not.toMatch(/hidden|not on the page|missing/i)
  const copied = await readClipboard()
  expect(copied).toContain('[ada@teahouse.org](mailto:ada@teahouse.org)')
  expect(copied).toContain('those to bea@teahouse.org')
})

test('the provider of an own key gets no address either', async ({ backend: _, network, page, openPopup }) => {
  await page.goto(CONTACTS)
  const popup = await openPopup(page)
  await popup.press('Settings')
  await popup.press('Add a key')
  await popup.fill('#provider', 'custom')
  await popup.fill('#address', 'http://localhost:7072/v1')
  await popup.fill('#key', 'sk-e2e-0123456789abcdef')
  await popup.fill('#model', 'sandbox/ok')
  await popup.press('Test and save')
  await popup.says(/Works, \d+ ms/)
  await popup.press('Back')
  await popup.press('AI')
  await popup.says('Your key')
  await popup.press('Copy for prompt')
  await popup.press('Turn on AI')
  await askedAboutIt(popup)
  await popup.press('Hide them and send')
  await popup.says('Improved')
  const hidden = contents(network, '/v1/chat/completions').at(-1)
  expect(hidden).toContain('HiddenEmail2')
  expect(hidden).not.toMatch(PRIVATE)
  expect(await popup.text()).toContain('bea@teahouse.org')
})
