import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from './fixtures'
import { Installed } from './installed'

declare const chrome: { permissions: { getAll(): Promise<{ permissions: string[]; origins: string[] }> } }

test.describe('the production build', () => {
  const manifest = () =>
    JSON.parse(readFileSync(resolve(import.meta.dirname, '../../.output/chrome-mv3/manifest.json'), 'utf8'))

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a test needs from here.
  test('holds what the design says and no more, as the browser sees it', async ({}, info) => {
    const production = await Installed.launch('chrome-mv3', info.outputPath('profile'))
    const worker = await production.worker()
    const { permissions, origins } = await worker.evaluate(() => chrome.permissions.getAll())
    await production.close()
    expect([...permissions].sort()).toEqual([
      'activeTab',
      'clipboardWrite',
      'contextMenus',
      'identity',
      'offscreen',
      'scripting',
      'storage',
    ])
    expect(origins).toHaveLength(1)
    expect(origins[0]).toBe(manifest().host_permissions[0])
    expect(origins[0]).toMatch(/^https:\/\//)
  })

  test('runs in no page unasked, and lets no page load anything of it', () => {
    const { content_scripts, web_accessible_resources, externally_connectable } = manifest()
    expect([content_scripts, web_accessible_resources, externally_connectable]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('asks for an e-mail address and for hosts only when they are needed', () => {
    const { optional_permissions, optional_host_permissions, host_permissions } = manifest()
    expect(optional_permissions).toEqual(['identity.email'])
    expect(optional_host_permissions).toContain('https://api.groq.com/*')
    expect(host_permissions.join()).not.toMatch(/<all_urls>|\*:\/\/|\/\/\*/)
  })

  test('runs no code but its own', () => {
    const policy = manifest().content_security_policy.extension_pages
    expect(policy).toMatch(/script-src 'self';/)
    expect(policy).not.toContain('localhost')
    expect(JSON.stringify(manifest())).not.toMatch(/unsafe-eval|wasm-unsafe/)
  })
})

test('the popup asks for the host of a key, for that host alone, before anything is sent', async ({
  page,
  openPopup,
  network,
}) => {
  const popup = await openPopup(page)
  await popup.press('Settings')
  await popup.press('Add a key')
  // The browser's own question would hang a headless browser: what is asked is written down, and the answer is no.
  await popup.eval(`chrome.permissions.request = async (asked) => { globalThis.asked = asked; return false }`)
  await popup.fill('#provider', 'groq')
  await popup.fill('#key', 'gsk_0123456789abcdef')
  await popup.fill('#model', 'openai/gpt-oss-20b')
  await popup.press('Test and save')
  await popup.says('needs your permission to reach api.groq.com')
  expect(await popup.eval('globalThis.asked')).toEqual({ origins: ['https://api.groq.com/*'] })
  expect(network.elsewhere).toEqual([])
})
