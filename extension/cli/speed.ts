/**
 * From a parsed document to finished Markdown in a real Chromium, beside the peers: same pages, same run.
 *
 *   npm run speed -- [--data DIR] [--step N]
 *
 * Each tool gets a fresh document for each page, parsed by the browser; the order of the tools turns from page to page.
 * The last row is the snapshot of the live page that the extension takes first.
 */
import { parseArgs } from 'node:util'
import { type Browser, chromium, type Page } from '@playwright/test'
import { build } from 'esbuild'
import { DEFAULT_DATA, pageIds, readPage } from './pages'
import { TOOLS, type Tool } from './peers'

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
export const SNAPSHOT = 'snapshot of the live page'
/** The first pages warm the engine up for every tool alike and are not counted. */
const WARM_UP = 3

interface World {
  time(tool: string, html: string, url: string): number
  timeSnapshot(): number
}
declare const window: World

/**
 * Time each tool on each page.
 *
 * @param note called with each tool's (and the snapshot's) milliseconds on a page
 */
export async function timeInChromium(
  data: string,
  ids: readonly string[],
  note: (name: Tool | typeof SNAPSHOT, ms: number) => void,
): Promise<void> {
  const script = await program()
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
  try {
    const page = await blankPage(browser, script)
    for (const [index, id] of [...ids.slice(0, WARM_UP), ...ids].entries()) {
      const { html, url } = readPage(data, id)
      for (let turn = 0; turn < TOOLS.length; turn++) {
        const tool = TOOLS[(turn + index) % TOOLS.length] as Tool
        const ms = await page.evaluate(
          ([name, text, address]) => window.time(name ?? '', text ?? '', address ?? ''),
          [tool, html, url],
        )
        if (index >= WARM_UP) note(tool, ms)
      }
      if (index >= WARM_UP) note(SNAPSHOT, await liveSnapshot(browser, script, html))
    }
  } finally {
    await browser.close()
  }
}

/** A script that puts `time(tool, html, url)` into its window. */
export async function program(): Promise<string> {
  const bundle = await build({
    stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    logLevel: 'error',
  })
  return bundle.outputFiles[0]?.text ?? ''
}

async function blankPage(browser: Browser, script: string): Promise<Page> {
  const page = await browser.newPage({ offline: true, javaScriptEnabled: true })
  await page.evaluate(script)
  return page
}

/** Its own page each time: what the benchmark's pages do to their window must not reach the next. */
async function liveSnapshot(browser: Browser, script: string, html: string): Promise<number> {
  const page = await blankPage(browser, script)
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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { data: { type: 'string', default: DEFAULT_DATA }, step: { type: 'string', default: '10' } },
  })
  const times = new Map<string, number[]>([...TOOLS, SNAPSHOT].map((name) => [name, []]))
  const ids = pageIds(values.data, Number(values.step))
  await timeInChromium(values.data, ids, (name, ms) => times.get(name)?.push(ms))
  console.log(`| Chromium, ${ids.length} pages | median ms | p99 ms |\n| --- | --- | --- |`)
  for (const [name, list] of times) console.log(`| ${name} | ${quantile(list, 0.5)} | ${quantile(list, 0.99)} |`)
}

if (process.argv[1]?.endsWith('speed.ts')) await main()
