import type { Worker } from '@playwright/test'
import { expect, test } from './fixtures'
import type { Popup } from './popup'

/** What runs in the worker sees the browser's own. */
declare const chrome: {
  storage: Record<'local' | 'session' | 'sync', { get(key: null): Promise<Record<string, unknown>> }>
}

/*
 * The provider is the sandbox, on a host that the e2e build may talk to from the start: Chrome's own permission prompt
 * hangs a headless browser. That the popup asks for a host that is not granted is in permissions.spec.ts.
 */
const HOST = 'localhost:7072'
const COMPLETIONS = `http://${HOST}/v1/chat/completions`
const KEY = 'sk-e2e-0123456789abcdef'

async function openKeys(popup: Popup): Promise<void> {
  await popup.press('Settings')
  await popup.press('Add a key')
  await popup.fill('#provider', 'custom')
  await popup.fill('#address', `http://${HOST}/v1`)
}

async function save(popup: Popup, key: string, model: string): Promise<void> {
  await popup.fill('#key', key)
  await popup.fill('#model', model)
  await popup.press('Test and save')
}

const everythingStored = (worker: Worker) =>
  worker.evaluate(async () => {
    const { local, session, sync } = chrome.storage
    return { local: await local.get(null), elsewhere: [await session.get(null), await sync.get(null)] }
  })

test('an own key is tried for real, saved, used, and never seen again', async ({
  backend: _,
  network,
  page,
  openPopup,
  worker,
}) => {
  const popup = await openPopup(page)
  await openKeys(popup)
  await save(popup, KEY, 'sandbox/ok')
  await popup.says(/Works, \d+ ms/)
  const tested = network.seen.filter(({ url }) => url === COMPLETIONS)
  expect(tested).toHaveLength(1)
  expect(tested[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  expect(await popup.eval('document.documentElement.outerHTML')).not.toContain(KEY)
  expect(
    await popup.eval<string[]>(`[...document.querySelectorAll('#model option')].map((option) => option.value)`),
  ).toContain('sandbox/ok')

  await popup.press('Back')
  await popup.press('AI')
  await popup.says('Your key')
  await popup.press('Copy for prompt')
  await popup.says(HOST)
  await popup.press('Turn on AI')
  await popup.says('Improved')

  const toProvider = network.seen.filter(({ url }) => url === COMPLETIONS)
  expect(toProvider).toHaveLength(2)
  expect(toProvider[1]?.body).toContain('Tea begins with water')
  // Nothing of it went to us: neither the page nor the key.
  expect(network.elsewhere.filter((url) => !url.startsWith(`http://${HOST}/`))).toEqual([])
  const { local, elsewhere } = await everythingStored(worker)
  expect(JSON.stringify(local)).toContain(KEY)
  expect(JSON.stringify(elsewhere)).not.toContain(KEY)
})

test('a wrong key is refused in words and not saved', async ({ backend: _, page, openPopup, worker }) => {
  const popup = await openPopup(page)
  await openKeys(popup)
  await save(popup, 'wrong-key', 'sandbox/ok')
  await popup.says("didn't accept this key")
  expect(JSON.stringify(await everythingStored(worker))).not.toContain('wrong-key')
})

test('a removed key is gone', async ({ backend: _, page, openPopup, worker }) => {
  const popup = await openPopup(page)
  await openKeys(popup)
  await save(popup, KEY, 'sandbox/ok')
  await popup.says(/Works/)
  await popup.press('Remove')
  await expect.poll(async () => JSON.stringify(await everythingStored(worker))).not.toContain(KEY)
})

for (const model of ['sandbox/truncated', 'sandbox/refusal', 'sandbox/wrong-model']) {
  test(`an unusable answer of ${model} leaves the page as it was`, async ({ backend: _, page, openPopup }) => {
    const popup = await openPopup(page)
    await openKeys(popup)
    await save(popup, KEY, model)
    await popup.says(/Works/)
    await popup.press('Back')
    await popup.press('AI')
    await popup.says('Your key')
    await popup.press('Copy for prompt')
    await popup.press('Turn on AI')
    await popup.says("didn't give a usable answer")
    expect(await popup.text()).toContain('Tea begins with water')
  })
}
