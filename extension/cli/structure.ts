/**
 * How much of a page's structure survives, beside the peers: same pages, same DOM, one run.
 *
 *   npm run structure -- --data DIR [--step N]
 *
 * Against a benchmark's `main_content_markdown`, and against our own fixtures. Both sides are read by an independent Markdown
 * parser; each score is the mean F1 over the pages whose reference has the thing at all.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { bagF1, FEATURES, type Feature, features } from './features'
import { pageIds, readPage } from './pages'
import { run, TOOLS, type Tool, type ToolOutput } from './peers'

const FIXTURES = new URL('../tests/fixtures/', import.meta.url)
const EXPECTED = new URL('../tests/expected/', import.meta.url)
const FIXTURE_URL = 'https://example.org/guide/page.html'

/** Scores by feature and tool, page by page. */
export class StructureScore {
  private readonly scores = new Map<string, number[]>()

  add(tool: Tool, markdown: string, reference: string, options: { url: string; isFixture: boolean }): void {
    const { url, isFixture } = options
    const read = { url, hasMaths: isFixture, hasLevels: isFixture }
    const found = features(markdown, read)
    const wanted = features(reference, read)
    for (const feature of FEATURES) {
      const score = bagF1(found[feature], wanted[feature])
      if (score !== null) this.of(feature, tool).push(score)
    }
  }

  of(feature: Feature, tool: Tool): number[] {
    const key = `${feature} ${tool}`
    const scores = this.scores.get(key) ?? []
    this.scores.set(key, scores)
    return scores
  }

  table(title: string): string {
    const rows = FEATURES.filter((feature) => this.of(feature, TOOLS[0]).length > 0).map((feature) => {
      const pages = this.of(feature, TOOLS[0]).length
      return `| ${feature} | ${pages} | ${TOOLS.map((tool) => mean(this.of(feature, tool)).toFixed(3)).join(' | ')} |`
    })
    return [
      `| ${title} | pages | ${TOOLS.join(' | ')} |`,
      `| --- | --- | ${TOOLS.map(() => '---').join(' | ')} |`,
      ...rows,
    ].join('\n')
  }
}

/** Our own corpus, whose expectations were written by hand. */
export async function scoreFixtures(): Promise<StructureScore> {
  const score = new StructureScore()
  for (const file of readdirSync(EXPECTED)) {
    const html = readFileSync(new URL(file.replace(/\.md$/, '.html'), FIXTURES), 'utf8')
    const reference = readFileSync(new URL(file, EXPECTED), 'utf8')
    for (const tool of TOOLS) {
      const { markdown } = await run(tool, html, FIXTURE_URL)
      score.add(tool, markdown, reference, { url: FIXTURE_URL, isFixture: true })
    }
  }
  return score
}

export function addBenchmarkPage(
  score: StructureScore,
  tool: Tool,
  output: ToolOutput,
  reference: string,
  url: string,
): void {
  score.add(tool, output.markdown, reference, { url, isFixture: false })
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, step: { type: 'string', default: '1' } } })
  console.log((await scoreFixtures()).table('our fixtures'))
  if (values.data === undefined) return
  const score = new StructureScore()
  for (const id of pageIds(values.data, Number(values.step))) {
    const page = readPage(values.data, id)
    const reference = page.truth.main_content_markdown
    if (!reference) continue
    for (const tool of TOOLS) addBenchmarkPage(score, tool, await run(tool, page.html, page.url), reference, page.url)
  }
  console.log(`\n${score.table('benchmark')}`)
}

if (process.argv[1]?.endsWith('structure.ts')) await main()
