import { loadavg } from 'node:os'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import type { Popup } from './popup'

/*
 * Prints what the quality bars speak of, from the press to the text on the screen. It asserts that there is a result,
 * and no time: a machine that is busy with something else says nothing about the extension.
 */
const RUNS = 3

function articleOf(bytes: number): string {
  const paragraphs: string[] = []
  for (let size = 0, n = 1; size < bytes; n += 1) {
    const text = `<p>Paragraph ${n}: the <a href="/garden/${n}">garden of ${n} leaves</a> was planted in ${1500 + (n % 500)}, and its <em>masters</em> agree that <code>patience(${n})</code> matters more than haste, noise, or measuring spoons of the wrong size.</p>\n`
    const block =
      n % 12 === 0
        ? `<h2>Chapter ${n}</h2>\n<table><tr><th>Tea</th><th>Minutes</th></tr><tr><td>${n}</td><td>4</td></tr></table>\n<pre><code class="language-js">steep(${n})\nwait(4)</code></pre>\n${text}`
        : text
    paragraphs.push(block)
    size += block.length
  }
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The long garden</title></head><body><nav><a href="/">Home</a></nav><main><article><h1>The long garden</h1>\n${paragraphs.join('')}</article></main><footer>The end</footer></body></html>`
}

/** Milliseconds from asking the background for the page to its result in the popup's storage. */
const readAgain = (popup: Popup): Promise<number> =>
  popup.eval(`(async () => {
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true })
    const key = 'job:' + tab.url
    const startMs = performance.now()
    const read = new Promise((resolve) => chrome.storage.session.onChanged.addListener(function seen(changes) {
      if (!['ready', 'empty'].includes(changes[key]?.newValue?.state)) return
      chrome.storage.session.onChanged.removeListener(seen)
      resolve(performance.now() - startMs)
    }))
    await chrome.runtime.sendMessage({ do: 'capture', tabId: tab.id, scope: null })
    return read
  })()`)

/** CPU time of the page's main thread while `work` goes on, which another program's load does not change. */
async function cpuMsOf(page: Page, work: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spentMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
  }
  const beforeMs = await spentMs()
  await work()
  const afterMs = await spentMs()
  await session.detach()
  return afterMs - beforeMs
}

test('the quality bars, printed', async ({ network, page, openPopup }) => {
  test.setTimeout(180_000)
  for (const [name, bytes] of [
    ['100 kB article', 100_000],
    ['1 MB page', 1_000_000],
  ] as const) {
    const url = `http://bench.test/${bytes}`
    network.pages.set(url, { body: articleOf(bytes) })
    await page.goto(url)
    const popup = await openPopup(page)
    // Opening reads the page too; what is measured comes after.
    await popup.says(/[\d,]+ words/, 60_000)
    const wallMs: number[] = []
    const cpuMs: number[] = []
    for (let run = 0; run < RUNS; run += 1) {
      cpuMs.push(await cpuMsOf(page, async () => void wallMs.push(await readAgain(popup))))
    }
    expect(Math.min(...wallMs)).toBeGreaterThan(0)
    const least = (times: number[]) => `${Math.min(...times).toFixed(0)} ms`
    console.log(
      `${name}: from the press to Markdown ${least(wallMs)}, of the page's CPU ${least(cpuMs)} (best of ${RUNS}, load ${loadavg()[0]?.toFixed(1)})`,
    )
    await popup.close()
  }
})
