/**
 * Score the cleaner on a benchmark folder: the selected text per page, word F1 per page type, milliseconds per page.
 *
 *   npm run score -- --data DIR --out results.json [--workers 2] [--limit N]
 *
 * DIR has html/ID.html.gz (or .html) and ground-truth/ID.json, of which only `url` is given to the cleaner. Where the
 * truth holds main_content, F1 is printed as the benchmark's own scorer counts it.
 */
import { fork } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { normalise } from '../cleaner/normalise'
import { wordsOf } from '../cleaner/select/clues'
import { select } from '../cleaner/select/index'
import { parseDocument } from './dom'
import { plainText } from './text'

const WORKER = '--worker'

interface Task {
  data: string
  files: string[]
}

interface Scored {
  id: string
  text: string
  kind: string
  /** Null where the truth has no main content to compare with. */
  f1: number | null
  confidence: number
  parseMs: number
  selectMs: number
}

interface Truth {
  url?: string
  _internal?: { page_type?: { primary?: string } }
  ground_truth?: { main_content?: string | null }
}

function scorePage(data: string, file: string): Scored {
  const id = file.slice(0, file.indexOf('.'))
  const bytes = readFileSync(join(data, 'html', file))
  const html = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const truthPath = join(data, 'ground-truth', `${id}.json`)
  const truth = existsSync(truthPath) ? (JSON.parse(readFileSync(truthPath, 'utf8')) as Truth) : {}
  const start = performance.now()
  const document = parseDocument(html)
  const parsed = performance.now()
  // The first and third step of `clean`, without the Markdown: the benchmark compares plain words.
  normalise(document, { dropsHidden: false })
  const { root, confidence } = select(document, truth.url ?? '')
  const text = plainText(root)
  const done = performance.now()
  const wanted = truth.ground_truth?.main_content
  const kind = truth._internal?.page_type?.primary ?? 'page'
  return {
    id,
    text,
    kind: kind === 'category' ? 'collection' : kind,
    f1: wanted === undefined ? null : wordF1(text, wanted ?? ''),
    confidence,
    parseMs: parsed - start,
    selectMs: done - parsed,
  }
}

function wordF1(text: string, truth: string): number {
  const kept = wordsOf(text)
  const wanted = wordsOf(truth)
  if (wanted.length === 0) return kept.length === 0 ? 1 : 0
  const left = new Map<string, number>()
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1)
  let shared = 0
  for (const word of kept) {
    const count = left.get(word) ?? 0
    if (count > 0) {
      shared++
      left.set(word, count - 1)
    }
  }
  return (2 * shared) / (kept.length + wanted.length)
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
const quantile = (values: number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))] ?? 0

function report(pages: Scored[]): void {
  const kinds = [...new Set(pages.map((page) => page.kind))].sort()
  for (const kind of [...kinds, 'all']) {
    const chosen = pages.filter((page) => kind === 'all' || page.kind === kind)
    const scores = chosen.flatMap((page) => (page.f1 === null ? [] : [page.f1]))
    const score = scores.length > 0 ? ` F1=${mean(scores).toFixed(4)}` : ''
    console.log(`${kind.padEnd(14)} pages=${String(chosen.length).padStart(5)}${score}`)
  }
  for (const step of ['parseMs', 'selectMs'] as const) {
    const times = pages.map((page) => page[step])
    const [median, p95, p99] = [0.5, 0.95, 0.99].map((part) => quantile(times, part).toFixed(1))
    console.log(`${step.padEnd(8)} median=${median} p95=${p95} p99=${p99} ms per page`)
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      out: { type: 'string' },
      workers: { type: 'string', default: '2' },
      limit: { type: 'string' },
    },
  })
  if (values.data === undefined || values.out === undefined) {
    throw new Error('usage: npm run score -- --data DIR --out results.json [--workers 2] [--limit N]')
  }
  const data = values.data
  const all = readdirSync(join(data, 'html')).filter((file) => /\.html(\.gz)?$/.test(file))
  const files = all.sort().slice(0, values.limit === undefined ? all.length : Number(values.limit))
  const count = Math.max(1, Math.min(Number(values.workers), files.length))
  const pages: Scored[] = []
  await Promise.all(
    Array.from({ length: count }, (_, part) => {
      const task: Task = { data, files: files.filter((_file, i) => i % count === part) }
      return new Promise<void>((resolve, reject) => {
        // A process rather than a thread: threads do not inherit the TypeScript loader on every Node.
        const worker = fork(fileURLToPath(import.meta.url), [WORKER])
        worker.on('message', (page: Scored) => {
          pages.push(page)
          if (pages.length % 250 === 0) console.error(`${pages.length} of ${files.length} pages`)
        })
        worker.on('error', reject)
        worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
        worker.send(task)
      })
    }),
  )
  pages.sort((a, b) => a.id.localeCompare(b.id))
  writeFileSync(values.out, `${JSON.stringify(Object.fromEntries(pages.map((page) => [page.id, page.text])))}\n`)
  report(pages)
}

if (process.argv[2] === WORKER) {
  process.once('message', async ({ data, files }: Task) => {
    for (const file of files) await new Promise((sent) => process.send?.(scorePage(data, file), sent))
    process.disconnect()
  })
} else {
  await main()
}
