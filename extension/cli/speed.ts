/**
 * From a parsed document to finished Markdown in a real Chromium, beside the peers: same pages, same run.
 *
 *   npm run speed -- --data DIR [--step N]
 *
 * Each tool gets a fresh document for each page, parsed by the browser; the order of the tools turns from page to page.
 * The last row is the snapshot of the live page that the extension takes first.
 */
import { parseArgs } from 'node:util'
import { chromium, type Page } from '@playwright/test'
import { build } from 'esbuild'
import { pageIds, readPage } from './pages'

const PROGRAM = `
  import { Readability } from '@mozilla/readability'
  import Defuddle from 'defuddle/full'
  import TurndownService from 'turndown'
  import { gfm } from 'turndown-plugin-gfm'
  import { clean } from './cleaner'
  import { snapshot } from './cleaner/snapshot'
  const tools = {
    PromptReady: (document, url) => clean(document, url).markdown,
    'Readability + Turndown': (document) => {
      const turndown = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced' })
      turndown.use(gfm)
      return turndown.turndown(new Readability(document).parse()?.content ?? '')
    },
    Defuddle: (document, url) => new Defuddle(document, { url, markdown: true }).parse().content,
  }
  globalThis.time = (tool, html, url) => {
    const parsed = new DOMParser().parseFromString(html, 'text/html')
    const start = performance.now()
    try { tools[tool](parsed, url) } catch {}
    return performance.now() - start
  }
  globalThis.timeSnapshot = () => {
    const start = performance.now()
    snapshot(document)
    return performance.now() - start
  }
`
const TOOLS = ['PromptReady', 'Readability + Turndown', 'Defuddle'] as const
const SNAPSHOT = 'snapshot of the live page'

interface World {
  time(tool: string, html: string, url: string): number
  timeSnapshot(): number
}
declare const window: World

const { values } = parseArgs({ options: { data: { type: 'string' }, step: { type: 'string', default: '10' } } })
if (values.data === undefined) throw new Error('usage: npm run speed -- --data DIR [--step N]')

const bundle = await build({
  stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' },
  bundle: true,
  write: false,
  format: 'iife',
  minify: true,
  logLevel: 'error',
})
const script = bundle.outputFiles[0]?.text ?? ''
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const times = new Map<string, number[]>([...TOOLS, SNAPSHOT].map((name) => [name, []]))
const ids = pageIds(values.data, Number(values.step))
try {
  const page = await blankPage()
  // The first pages warm the engine up for every tool alike and are not counted.
  const warmUp = 3
  for (const [index, id] of [...ids.slice(0, warmUp), ...ids].entries()) {
    const { html, url } = readPage(values.data, id)
    for (let turn = 0; turn < TOOLS.length; turn++) {
      const tool = TOOLS[(turn + index) % TOOLS.length] as string
      const ms = await page.evaluate(
        ([name, text, address]) => window.time(name ?? '', text ?? '', address ?? ''),
        [tool, html, url],
      )
      if (index >= warmUp) times.get(tool)?.push(ms)
    }
    if (index >= warmUp) times.get(SNAPSHOT)?.push(await liveSnapshot(html))
  }
} finally {
  await browser.close()
}

console.log(`| Chromium, ${ids.length} pages | median ms | p99 ms |\n| --- | --- | --- |`)
for (const [name, values_] of times) console.log(`| ${name} | ${quantile(values_, 0.5)} | ${quantile(values_, 0.99)} |`)

async function blankPage(): Promise<Page> {
  const page = await browser.newPage({ offline: true, javaScriptEnabled: true })
  await page.evaluate(script)
  return page
}

/** Its own page each time: what the benchmark's pages do to their window must not reach the next. */
async function liveSnapshot(html: string): Promise<number> {
  const page = await blankPage()
  try {
    // Scripts as served would fetch and redirect; the markup and its inline styles are what is timed.
    await page.setContent(html.replace(/<script\b[\s\S]*?<\/script>/gi, ''), {
      waitUntil: 'domcontentloaded',
      timeout: 20_000,
    })
    await page.evaluate(script)
    return await page.evaluate(() => window.timeSnapshot())
  } finally {
    await page.close()
  }
}

function quantile(list: number[], part: number): string {
  const sorted = [...list].sort((a, b) => a - b)
  return (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1)
}
