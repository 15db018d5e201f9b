/**
 * The cleaner on live pages in a real Chromium: what a snapshot sees, and that the page never notices.
 */
import { expect, type Page, test } from '@playwright/test'
import { build } from 'esbuild'
import type { CleanPage } from '../../cleaner'

const URL_OF_PAGE = 'https://page.test/guide/'

let script: string

test.beforeAll(async () => {
  const bundle = await build({
    stdin: {
      contents: `import { clean } from './cleaner'; import { snapshot } from './cleaner/snapshot';
        globalThis.cleanPage = (selection) => clean(snapshot(document, selection ? getSelection() : null), location.href, selection ? { scope: 'selection' } : { scope: 'whole' });
        globalThis.takeSnapshot = () => snapshot(document)`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
  })
  script = bundle.outputFiles[0]?.text ?? ''
})

const live = test.extend<{ open: (html: string) => Promise<Page> }>({
  open: async ({ page }, use) => {
    await use(async (html) => {
      await page.route('**/*', (route) =>
        route.request().url() === URL_OF_PAGE
          ? route.fulfill({ contentType: 'text/html; charset=utf-8', body: html })
          : route.abort(),
      )
      await page.goto(URL_OF_PAGE)
      return page
    })
  },
})

/** What the bundle puts into the page. */
interface World {
  cleanPage(selection: boolean): CleanPage
  takeSnapshot(): Document
}
declare const window: World

async function cleaned(page: Page, selection = false): Promise<string> {
  await page.evaluate(script)
  return (await page.evaluate((wantsSelection) => window.cleanPage(wantsSelection), selection)).markdown
}

/** Selects from the first occurrence of one text to the end of another. */
async function selectText(page: Page, from: string, to: string): Promise<void> {
  await page.evaluate(
    ([start, end]) => {
      const find = (text: string): { node: Text; at: number } => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = (node.nodeValue ?? '').indexOf(text)
          if (at >= 0) return { node: node as Text, at }
        }
        throw new Error(`no text ${text}`)
      }
      const first = find(start as string)
      const last = find(end as string)
      getSelection()?.setBaseAndExtent(first.node, first.at, last.node, last.at + (end as string).length)
    },
    [from, to],
  )
}

live('reads open shadow roots, with slots where they are shown', async ({ open }) => {
  const page =
    await open(`<p>Before.</p><my-card><span slot="title">Slotted title</span>Default slot</my-card><p>After.</p>
    <script>customElements.define('my-card', class extends HTMLElement { constructor() { super();
      this.attachShadow({ mode: 'open' }).innerHTML = '<style>p{color:red}</style><h2><slot name="title">Fallback</slot></h2><p><slot></slot></p><p><slot name="none">Fallback text</slot></p>' } })</script>`)
  expect(await cleaned(page)).toBe('Before.\n\n## Slotted title\n\nDefault slot\n\nFallback text\n\nAfter.\n')
})

live('takes frames of the same origin in, with their addresses, and leaves others out', async ({ open }) => {
  const page =
    await open(`<p>Outside.</p><iframe srcdoc="<base href='https://frame.test/a/'><p>Inside, <a href='x'>link</a>.</p>"></iframe>
    <iframe src="https://other.test/"></iframe><p>End.</p>`)
  expect(await cleaned(page)).toBe('Outside.\n\nInside, [link](https://frame.test/a/x).\n\nEnd.\n')
})

live('carries what was typed, ticked and opened, but never a password', async ({ open }) => {
  const page =
    await open(`<p>Name: <input id="name"></p><p>Secret: <input id="pass" type="password" value="old"></p><p>Card: <input id="card" autocomplete="cc-number"></p>
    <p><textarea id="area">served</textarea></p><div id="edit" contenteditable><p>served</p></div>
    <ul><li><input type="checkbox" id="box"> Milk</li></ul><select id="pick"><option>One</option><option>Two</option></select>
    <details id="more"><summary>More</summary><p>Details.</p></details>`)
  await page.fill('#name', 'Ada')
  await page.fill('#pass', 'hunter2')
  await page.fill('#card', '4111111111111111')
  await page.fill('#area', 'Line one\nLine two')
  await page.fill('#edit', 'Edited text')
  await page.check('#box')
  await page.selectOption('#pick', 'Two')
  await page.click('#more summary')
  const markdown = await cleaned(page)
  expect(markdown).toContain('Name: Ada')
  expect(markdown).toContain('Line one  \nLine two')
  expect(markdown).toContain('Edited text')
  expect(markdown).toContain('- [x] Milk')
  expect(markdown).toContain('Two')
  expect(markdown).toContain('**More**\n\nDetails.')
  expect(markdown).not.toMatch(/hunter2|old|4111|One\n/)
})

live('leaves out what style hides, and keeps what is only folded away', async ({ open }) => {
  const page =
    await open(`<style>.a{display:none}.b{visibility:hidden}.c{opacity:0}.sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}.d{display:contents}</style>
    <p>Seen. <span class="sr-only">for readers</span></p><p class="a">none</p><div class="b"><p>invisible</p></div><p class="c">fades in on scrolling</p>
    <div class="d"><p>contents</p></div><details><summary>Folded</summary><p>inside</p><p class="a">hidden inside</p></details><p hidden>attribute</p>`)
  expect(await cleaned(page)).toBe('Seen.\n\nfades in on scrolling\n\ncontents\n\n**Folded**\n\ninside\n')
})

live('sets apart inline elements that style makes blocks', async ({ open }) => {
  const page = await open(
    `<style>.block span{display:block}.row{display:flex}</style><div class="block"><span>One</span><span>Two</span></div><div class="row"><span>By Ada</span><span>3 May</span></div><p>Let<span>ters</span></p>`,
  )
  expect(await cleaned(page)).toBe('One\n\nTwo\n\nBy Ada 3 May\n\nLetters\n')
})

live('reads what scripts have drawn, at the addresses the page gives them', async ({ open }) => {
  const page = await open(
    '<base href="https://cdn.test/x/"><main id="app">Loading</main><script>app.textContent=""; const h = document.createElement("h1"); h.textContent = "Drawn"; const a = document.createElement("a"); a.href = "y"; a.textContent = "link"; app.append(h, a)</script>',
  )
  expect(await cleaned(page)).toBe('# Drawn\n\n[link](https://cdn.test/x/y)\n')
})

live('never changes the page', async ({ open }) => {
  const page = await open(
    `<p onclick="x()">Text <b>bold</b></p><details><summary>s</summary>x</details><img src="data:," data-src="/lazy.png" alt="a"><input value="v"><iframe srcdoc="<p>in</p>"></iframe>`,
  )
  await page.evaluate(script)
  const changes = await page.evaluate(async () => {
    const before = document.documentElement.outerHTML
    let mutations = 0
    let loads = 0
    const observer = new MutationObserver((records) => {
      mutations += records.length
    })
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    new PerformanceObserver((list) => {
      loads += list.getEntries().length
    }).observe({ type: 'resource' })
    window.cleanPage(false)
    getSelection()?.selectAllChildren(document.body)
    window.cleanPage(true)
    await new Promise((done) => setTimeout(done))
    return {
      mutations: mutations + observer.takeRecords().length,
      loads,
      isSame: before === document.documentElement.outerHTML,
    }
  })
  expect(changes).toEqual({ mutations: 0, loads: 0, isSame: true })
})

live('makes a copy in which nothing can run', async ({ open }) => {
  const page = await open(
    '<p onclick="globalThis.ran = true">Text</p><img src="/x.png" onerror="globalThis.ran = true" alt="x"><script>globalThis.count = (globalThis.count ?? 0) + 1</script>',
  )
  await page.evaluate(script)
  const result = await page.evaluate(async () => {
    const world = globalThis as unknown as { count: number; ran?: boolean }
    world.ran = false
    const copy = window.takeSnapshot()
    copy.querySelector('p')?.click()
    await new Promise((done) => setTimeout(done))
    return {
      count: world.count,
      ran: world.ran,
      hasWindow: copy.defaultView !== null,
      scripts: copy.querySelectorAll('script').length,
    }
  })
  expect(result).toEqual({ count: 1, ran: false, hasWindow: false, scripts: 0 })
})

live('reads 20,000 elements and 1,000 levels', async ({ open }) => {
  // Seconds on an idle machine; the bound is for a busy one.
  live.setTimeout(60_000)
  const page = await open('<main id="main"></main>')
  await page.evaluate(() => {
    const main = document.getElementById('main') as HTMLElement
    for (let i = 0; i < 10_000; i++) {
      const paragraph = document.createElement('p')
      const bold = document.createElement('b')
      bold.append('bold')
      paragraph.append('some ', bold, ' words')
      main.append(paragraph)
    }
    let at = main
    for (let i = 0; i < 1_000; i++) {
      const deeper = document.createElement('div')
      at.append(deeper)
      at = deeper
    }
    at.append('the end')
  })
  const markdown = await cleaned(page)
  expect(markdown.match(/some \*\*bold\*\* words/g)).toHaveLength(10_000)
  expect(markdown).toContain('the end')
})

const SELECTABLE = `<p>First paragraph here.</p><p>Second <b>boldly</b> here.</p>
  <ol><li>alpha</li><li>beta</li><li>gamma</li></ol>
  <pre><code class="language-python">def f():
    return 1
x = 2</code></pre>
  <table><thead><tr><th>Name</th><th>Age</th><th>City</th></tr></thead><tbody><tr><td>Ann</td><td>30</td><td>Rome</td></tr><tr><td>Bob</td><td>40</td><td>Oslo</td></tr></tbody></table>`

for (const { name, from, to, markdown } of [
  { name: 'text alone', from: 'paragraph here', to: 'Second', markdown: 'paragraph here.\n\nSecond\n' },
  { name: 'text with its marks', from: 'Second', to: 'bold', markdown: 'Second **bold**\n' },
  { name: 'list items with their numbers', from: 'beta', to: 'gamma', markdown: '2. beta\n3. gamma\n' },
  { name: 'code with its language', from: 'return 1', to: 'x = 2', markdown: '```python\nreturn 1\nx = 2\n```\n' },
  { name: 'cells in their columns', from: 'Bob', to: '40', markdown: '|  |  |\n| --- | --- |\n| Bob | 40 |\n' },
]) {
  live(`a selection of ${name}`, async ({ open }) => {
    const page = await open(SELECTABLE)
    await selectText(page, from, to)
    expect(await cleaned(page, true)).toBe(markdown)
  })
}
