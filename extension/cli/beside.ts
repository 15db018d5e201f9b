/**
 * From a parsed document to finished Markdown by the size of the page, beside the peers, in a real Chromium.
 *
 *   npm run beside
 */
import { chromium } from '@playwright/test'
import { articleOf, SIZES_KB } from './article'
import { measured } from './measured'
import { TOOLS } from './peers'
import { program } from './speed'

const RUNS = 3

/** The window after `program` has run in it. */
interface Timer {
  time(tool: string, html: string, url: string): number
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const page = await browser.newPage({ offline: true })
await page.evaluate(await program())
for (const kb of SIZES_KB) {
  const html = articleOf(kb * 1000)
  const times = new Map<string, number[]>(TOOLS.map((tool) => [tool, []]))
  for (let run = 0; run <= RUNS; run += 1) {
    for (const tool of TOOLS) {
      const ms = await page.evaluate(
        ([name, text]) => (globalThis as unknown as Timer).time(name ?? '', text ?? '', 'http://bench.test/'),
        [tool, html],
      )
      if (run > 0) times.get(tool)?.push(ms) // the first one warms up
    }
  }
  for (const [tool, ms] of times) measured('clean', { kb, tool, ms: Math.min(...ms) })
  const all = [...times].map(([tool, ms]) => `${tool} ${Math.min(...ms).toFixed(0)} ms`)
  console.log(`${kb} kB article, parsed document to Markdown: ${all.join(', ')} (best of ${RUNS})`)
}
await browser.close()
