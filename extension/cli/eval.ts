/**
 * Everything measured about the cleaner in one run beside its peers, as one table: content, structure, metadata, speed.
 *
 *   npm run eval -- [--data DIR] [--step N] [--write]
 *
 * Takes every N-th page of the benchmark (5 unless said otherwise; 1 takes all), and for what few pages have, such as tables, all
 * that have it. Without a benchmark folder it scores our own
 * fixtures alone. `--write` puts the table into docs/evaluation.md and its first lines into README.md, between their markers.
 * Progress goes to standard error.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compare, FEATURES } from './features'
import { FIELDS, metadataScores } from './metadata'
import { DEFAULT_DATA, pageIds, readPage } from './pages'
import { run, TOOLS } from './peers'
import { type Row, Scoreboard } from './scoreboard'
import { SNAPSHOT, timeInChromium } from './speed'
import { structureScores } from './structure'
import { plainWords } from './words'

const FIXTURES = new URL('../tests/fixtures/', import.meta.url)
const EXPECTED = new URL('../tests/expected/', import.meta.url)
const CROSS_VALIDATION = new URL('../training/cross-validation.json', import.meta.url)
const PAGE = new URL('../../docs/evaluation.md', import.meta.url)
const README = new URL('../../README.md', import.meta.url)
const FIXTURE_URL = 'https://example.org/guide/page.html'
/** A browser run takes long and its median settles soon. */
const MAX_TIMED_PAGES = 40

/** A sample would hold a handful of pages with these, too few to tell tools apart. */
const RARE = ['tables', 'code', 'codeLanguage', 'quotes'] as const

/** Paragraphs alone: no feature that is compared. */
const PROSE = [
  'Tea is made by pouring hot water over the leaves of a plant, and waiting. How hot, and how long, depends on the leaves: green ones want less of both, black ones more, and some herbs hardly mind at all.',
  'Most of what goes wrong goes wrong with the water. Where it is hard, the cup turns dull, and a filter helps more than better leaves do; where it is soft, even an ordinary kind tastes of something.',
  'A pot keeps the heat that a cup loses, so the second cup from a pot is often better than the first. People who drink alone tend to learn this late, and then wonder what they had been drinking before.',
]
  .map((text) => `<p>${text}</p>`)
  .join('\n')

const FEATURE_NAMES: Record<(typeof FEATURES)[number], string> = {
  headings: 'headings',
  lists: 'list items and their nesting',
  tables: 'table cells',
  links: 'links',
  code: 'code blocks, byte for byte',
  codeLanguage: 'code blocks with their language',
  maths: 'maths',
  images: 'images',
  quotes: 'quotes',
}
const WORD_ROWS: Row[] = [
  { name: 'words, as shipped', measure: 'word F1', summary: 'score' },
  { name: 'words, cross-validated by domain', measure: 'word F1, cross-validated', summary: 'score' },
]
const SHORT_ROWS: Row[] = [
  ...WORD_ROWS,
  ...FEATURES.map((feature) => benchmarkRow(feature)),
  ...FIELDS.slice(0, 3).map((field): Row => ({ name: field, measure: field, summary: 'score' })),
  { name: 'Chromium, median ms', measure: 'ms in Chromium', summary: 'median' },
]
const ROWS: Row[] = [
  ...WORD_ROWS,
  ...FEATURES.map((feature) => benchmarkRow(feature)),
  ...FEATURES.map((feature): Row => {
    return { name: `our fixtures: ${FEATURE_NAMES[feature]}`, measure: `fixtures: ${feature}`, summary: 'score' }
  }),
  ...FIELDS.map((field): Row => ({ name: field, measure: field, summary: 'score' })),
  ...(['Node', 'Chromium'] as const).flatMap((engine): Row[] => [
    { name: `${engine}, median ms`, measure: `ms in ${engine}`, summary: 'median' },
    { name: `${engine}, p99 ms`, measure: `ms in ${engine}`, summary: 'p99' },
  ]),
  { name: `${SNAPSHOT}, median ms`, measure: SNAPSHOT, summary: 'median' },
]

function benchmarkRow(feature: (typeof FEATURES)[number]): Row {
  return { name: FEATURE_NAMES[feature], measure: `benchmark: ${feature}`, summary: 'score' }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: DEFAULT_DATA },
      step: { type: 'string', default: '5' },
      write: { type: 'boolean', default: false },
    },
  })
  const board = new Scoreboard()
  // Peers report what they stumble over in a page; here that would drown the progress.
  console.error = () => {}
  console.warn = () => {}
  await scoreFixtures(board)
  const hasBenchmark = existsSync(`${values.data}/ground-truth`)
  if (hasBenchmark) {
    const ids = pageIds(values.data, Number(values.step))
    await scoreBenchmark(board, values.data, ids)
    await timeBrowser(board, values.data, ids)
    quoteCrossValidation(board)
  } else say(`No benchmark at ${values.data}: our own fixtures alone. Name it with --data DIR.`)
  const table = board.table(ROWS, { hasDetail: true })
  console.log(table)
  // Half a table would take the place of a whole one.
  if (!values.write || !hasBenchmark) return
  writeBetweenMarkers(PAGE, table)
  writeBetweenMarkers(README, board.table(SHORT_ROWS, { hasDetail: false }))
}

/**
 * Our own corpus, whose expectations were written by hand. A fixture is the smallest page that shows its case, often too small for
 * any tool to know its content from its frame; so all of them get it inside an article.
 */
async function scoreFixtures(board: Scoreboard): Promise<void> {
  for (const file of readdirSync(EXPECTED)) {
    const page = readFileSync(new URL(file.replace(/\.md$/, '.html'), FIXTURES), 'utf8')
    const html = page.replace('<main>', `<main>${PROSE}`).replace('</main>', `${PROSE}</main>`)
    const reference = readFileSync(new URL(file, EXPECTED), 'utf8')
    for (const tool of TOOLS) {
      const { markdown } = await run(tool, html, FIXTURE_URL)
      const scores = structureScores(markdown, reference, { url: FIXTURE_URL, isFixture: true })
      for (const feature of FEATURES) board.add(`fixtures: ${feature}`, tool, scores[feature])
    }
  }
}

async function scoreBenchmark(board: Scoreboard, data: string, sampled: readonly string[]): Promise<void> {
  const start = performance.now()
  const pages = pageIds(data)
  for (const [index, id] of pages.entries()) {
    if ((index + 1) % 100 === 0 || index + 1 === pages.length)
      say(`${index + 1} of ${pages.length} pages, ${((performance.now() - start) / 1000).toFixed(0)} s`)
    const isSampled = sampled.includes(id)
    const page = readPage(data, id)
    const { main_content: text, main_content_markdown: reference } = page.truth
    if (!isSampled && !(reference && hasRareFeature(reference, page.url))) continue
    for (const tool of TOOLS) {
      const output = await run(tool, page.html, page.url)
      if (isSampled) {
        board.add('ms in Node', tool, output.ms)
        board.add('word F1', tool, compare(plainWords(output.markdown), plainWords(text ?? '')))
        const fields = metadataScores(output, page)
        for (const field of FIELDS) board.add(field, tool, fields[field])
      }
      if (!reference) continue
      const scores = structureScores(output.markdown, reference, { url: page.url, isFixture: false })
      for (const feature of isSampled ? FEATURES : RARE) board.add(`benchmark: ${feature}`, tool, scores[feature])
    }
  }
}

function hasRareFeature(reference: string, url: string): boolean {
  const scores = structureScores('', reference, { url, isFixture: false })
  return RARE.some((feature) => scores[feature] !== null)
}

async function timeBrowser(board: Scoreboard, data: string, ids: readonly string[]): Promise<void> {
  const sparse = Math.ceil(ids.length / MAX_TIMED_PAGES)
  const timed = ids.filter((_, index) => index % sparse === 0)
  say(`timing ${timed.length} pages in Chromium`)
  try {
    await timeInChromium(data, timed, (name, ms) => {
      if (name === SNAPSHOT) board.add(SNAPSHOT, 'PromptReady', ms)
      else board.add('ms in Chromium', name, ms)
    })
  } catch (error) {
    // The rest of the table stands without a browser.
    say(`no times in Chromium: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  }
}

/** What the training wrote, fold by fold on pages its models had not seen. */
function quoteCrossValidation(board: Scoreboard): void {
  if (!existsSync(CROSS_VALIDATION)) {
    say('no cross-validated score: make -C training writes it')
    return
  }
  const { wordF1, pages } = JSON.parse(readFileSync(CROSS_VALIDATION, 'utf8')) as { wordF1: number; pages: number }
  board.add('word F1, cross-validated', 'PromptReady', wordF1)
  board.count('word F1, cross-validated', pages)
}

function writeBetweenMarkers(file: URL, table: string): void {
  const [begin, end] = ['<!-- evaluation: written by make eval -->', '<!-- end of evaluation -->']
  const text = readFileSync(file, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no markers in ${file.pathname}`)
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`)
}

function say(message: string): void {
  process.stderr.write(`${message}\n`)
}

await main()
