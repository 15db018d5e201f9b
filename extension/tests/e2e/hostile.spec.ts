/** Pages that mean harm, in a real browser: what they reach, and what the extension makes of them. */
import type { Worker } from '@playwright/test'
import { expect, test } from './fixtures'

interface Chrome {
  storage: {
    local: {
      get(key: null): Promise<object>
      set(values: object): Promise<void>
      setAccessLevel(level: { accessLevel: string }): Promise<void>
    }
  }
  runtime: { sendMessage(message: object): Promise<unknown> }
  tabs: { query(asked: object): Promise<{ id: number }[]> }
  scripting: { executeScript(injection: object): Promise<{ result: unknown }[]> }
}
declare const chrome: Chrome

const EVIL = 'http://evil.test/'
const KEY = 'gsk_e2e0123456789abcdef'
const TEXT =
  'The text that the page would rather not have read. It is long enough to be the content of a page: '.repeat(3)

const document = (body: string, head = '<title>Evil</title>') =>
  `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>`

const saveKey = (worker: Worker) =>
  worker.evaluate(async (key) => {
    const groq = { baseUrl: 'https://api.groq.com/openai/v1', key, model: 'm' }
    await chrome.storage.local.set({ keys: { active: 'groq', entries: { groq } } })
  }, KEY)

/** What a content script of ours would get if a page had taken it over. */
const asContentScript = (worker: Worker) =>
  worker.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true })
    const [injection] = await chrome.scripting.executeScript({
      target: { tabId: tab?.id },
      func: async () => {
        const tell = (error: unknown) => `refused: ${error}`
        return [
          await chrome.storage.local.get(null).then((items) => JSON.stringify(items), tell),
          await chrome.runtime.sendMessage({ do: 'key.list' }).then((reply) => JSON.stringify(reply ?? null), tell),
        ]
      },
    })
    return injection?.result as [stored: string, replied: string]
  })

test('a key is out of reach for a page and for a content script', async ({
  network,
  page,
  openPopup,
  worker,
  extensionId,
}) => {
  network.pages.set(EVIL, { body: document(`<p>${TEXT}</p>`) })
  await saveKey(worker)
  await page.goto(EVIL)
  const popup = await openPopup(page)
  await popup.says('Evil')

  const reached = await page.evaluate(async (id) => {
    const extension = (globalThis as unknown as { chrome?: Partial<Chrome> }).chrome
    const frame = window.document.createElement('iframe')
    frame.src = `chrome-extension://${id}/popup.html`
    window.document.body.append(frame)
    await new Promise((resolve) => frame.addEventListener('load', resolve))
    return {
      storage: typeof extension?.storage,
      messages: typeof extension?.runtime?.sendMessage,
      file: await fetch(`chrome-extension://${id}/popup.html`).then(() => 'read', String),
      window: frame.contentWindow?.length,
      capture: typeof (globalThis as { promptReadyCapture?: unknown }).promptReadyCapture,
    }
  }, extensionId)
  expect(reached).toMatchObject({ storage: 'undefined', messages: 'undefined', window: 0, capture: 'undefined' })
  expect(reached.file).toMatch(/TypeError/)
  expect(page.frames().map((frame) => frame.url())).not.toContain(`chrome-extension://${extensionId}/popup.html`)

  const [stored, replied] = await asContentScript(worker)
  expect(stored).toMatch(/refused: .*Access to storage is not allowed/)
  expect(replied).not.toContain('gsk_')
  expect(replied).toMatch(/^null$|^refused: /)
  // The same attempt without the lock gets the key, so it would have been noticed.
  await worker.evaluate(() => chrome.storage.local.setAccessLevel({ accessLevel: 'TRUSTED_AND_UNTRUSTED_CONTEXTS' }))
  expect((await asContentScript(worker))[0]).toContain(KEY)
})

/** What readers of a page ask it, as names for fields and forms. */
const NAMES = [
  ...[
    'implementation',
    'documentElement',
    'body',
    'head',
    'baseURI',
    'contentType',
    'querySelectorAll',
    'querySelector',
  ],
  ...['getSelection', 'createElement', 'importNode', 'childNodes', 'firstChild', 'firstElementChild', 'nodeType'],
  ...[
    'localName',
    'tagName',
    'attributes',
    'getAttribute',
    'hasAttribute',
    'setAttribute',
    'shadowRoot',
    'parentElement',
  ],
  ...['ownerDocument', 'append', 'children', 'childElementCount', 'checkVisibility', 'textContent', 'namespaceURI'],
  ...['remove', 'replaceWith', 'matches', 'closest', 'nextSibling', 'cloneNode', 'contains', 'constructor', 'toString'],
]

test('no name that a page gives keeps it from being read', async ({ network, page, openPopup }) => {
  const onDocument = NAMES.map((name) => `<form name="${name}"></form><img name="${name}" alt="">`).join('')
  const onForm = NAMES.map((name) => `<input name="${name}" type="hidden"><button id="${name}">Go</button>`).join('')
  const pollution = `<script>
    Object.prototype.scope = 'narrower'; Object.prototype.promptReadyCapture = () => ({ kind: 'page' })
    Object.defineProperty(Node.prototype, 'childNodes', { get: () => [] })
    Element.prototype.getAttribute = Array.prototype.push = JSON.stringify = () => { throw new Error('polluted') }
  </script><div id="promptReadyCapture"></div>`
  network.pages.set(EVIL, {
    body: document(`${pollution}${onDocument}<form>${onForm}<main><h1>Hidden</h1><p>${TEXT}</p></main></form>`),
  })
  await page.goto(EVIL)
  const popup = await openPopup(page)
  await popup.press('Copy for prompt')
  await popup.says('Copied as Markdown')
  expect(await popup.text()).toContain('The text that the page would rather not have read.')
})

test('hostile titles and addresses are text', async ({ network, page, openPopup }) => {
  const title = `</textarea><img src=x onerror="document.title='hacked'"> [a](javascript:alert(1))\u202egnp.exe`
  const url = `${EVIL}%3Cscript%3Edocument.title='hacked'%3C/script%3E?"><svg/onload=alert(1)>`
  const escaped = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const link = '<a href="javascript:document.title=1">a script</a> <a href="data:text/html,<script>1</script>">data</a>'
  network.pages.set(new URL(url).href, {
    body: document(`<main><h1>${escaped}</h1><p>${TEXT}${link}</p></main>`, `<title>${escaped}</title>`),
  })
  await page.goto(url)
  const popup = await openPopup(page)
  await popup.press('Copy for prompt')
  const text = await popup.says('Copied as Markdown')
  expect(text).toContain('<img src=x onerror=')
  const made = `document.querySelectorAll('img, svg[onload], iframe, [onerror], a[href^="javascript:"], a[href^="data:"]').length`
  expect(await popup.eval(made)).toBe(0)
  expect(await popup.eval('document.title')).not.toContain('hacked')
  expect(await popup.eval(`document.querySelector('textarea').value`)).not.toMatch(/(?<!\\)\]\((?:javascript|data):/)
})

const REFUSED = [
  'base-uri http://evil.test',
  'form-action http://evil.test',
  'frame-src http://evil.test',
  `img-src ${EVIL}x.png`,
  'object-src http://evil.test',
  `script-src-elem ${EVIL}x.js`,
  'script-src-elem inline',
  `style-src-elem ${EVIL}x.css`,
]

test('the popup runs and loads nothing but its own', async ({ network, page, openPopup }) => {
  const popup = await openPopup(page)
  await popup.says('How tea is made')
  const violated = await popup.eval<string[]>(`new Promise((resolve) => {
    const seen = new Set()
    const done = () => resolve([...seen].sort())
    setTimeout(done, 5_000)
    document.addEventListener('securitypolicyviolation', (refused) => {
      seen.add(refused.effectiveDirective + ' ' + refused.blockedURI.replace(/[/]$/, ''))
      if (seen.size === ${REFUSED.length}) done()
    })
    const add = (tag, values) => document.body.append(Object.assign(document.createElement(tag), values))
    add('script', { textContent: 'globalThis.hacked = true' })
    add('script', { src: '${EVIL}x.js' })
    add('img', { src: '${EVIL}x.png' })
    add('iframe', { src: '${EVIL}' })
    add('object', { data: '${EVIL}' })
    add('link', { rel: 'stylesheet', href: '${EVIL}x.css' })
    add('base', { href: '${EVIL}' })
    const form = document.createElement('form')
    Object.assign(form, { action: '${EVIL}', method: 'post' })
    document.body.append(form)
    form.submit()
  })`)
  expect(violated).toEqual(REFUSED)
  expect(await popup.eval('typeof globalThis.hacked')).toBe('undefined')
  expect(network.elsewhere).toEqual([])
})
