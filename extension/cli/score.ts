/**
 * Score the cleaner on a benchmark folder: the selected text per page, word F1 per page type, milliseconds per page.
 *
 *   npm run score -- --data DIR --out results.json [--workers 2] [--limit N] [--folds DIR] [--table FILE]
 *
 * With `--folds`, each page is judged by the models that `training/train.py cv` made without its site and left in DIR. `--table` writes the
 * mean word F1, of all pages and of each page type, as JSON.
 *
 * DIR has html/ID.html.gz (or .html) and ground-truth/ID.json, of which only `url` is given to the cleaner. Where there
 * is a truth, F1 is printed as the benchmark's own scorer counts it.
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
import { judgeWith } from '../cleaner/select/model'
import { parseDocument } from './dom'
import { plainText } from './text'

const WORKER = '--worker'

interface Task {
  data: string
  files: string[]
  /** A model.json, where it is not the cleaner's own. */
  models: string | null
}

interface Scored {
  id: string
  text: string
  kind: string
  /** Null where there is no truth. One without main content is that there is none. */
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
  const id = idOf(file)
  const bytes = readFileSync(join(data, 'html', file))
  const html = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const truthPath = join(data, 'ground-truth', `${id}.json`)
  const truth = existsSync(truthPath) ? (JSON.parse(readFileSync(truthPath, 'utf8')) as Truth) : {}
  const start = performance.now()
  const document = parseDocument(html)
  const parsed = performance.now()
  // The second and third step of `clean`, without the Markdown: the benchmark compares plain words.
  normalise(document, { dropsHidden: false })
  const { root, confidence } = select(document, truth.url ?? '')
  const text = plainText(root)
  const done = performance.now()
  const kind = truth._internal?.page_type?.primary ?? 'page'
  return {
    id,
    text,
    kind: kind === 'category' ? 'collection' : kind,
    f1: truth.ground_truth ? wordF1(text, truth.ground_truth.main_content ?? '') : null,
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

const ALL = 'all'
const kindsOf = (pages: Scored[]): string[] => [...[...new Set(pages.map((page) => page.kind))].sort(), ALL]

/** Mean word F1 by page type, and of all; of no type whose truth has nothing to compare with. */
function meanF1(pages: Scored[]): Map<string, number> {
  const means = new Map<string, number>()
  for (const kind of kindsOf(pages)) {
    const chosen = pages.filter((page) => kind === ALL || page.kind === kind)
    const scores = chosen.flatMap((page) => (page.f1 === null ? [] : [page.f1]))
    if (scores.length > 0) means.set(kind, mean(scores))
  }
  return means
}

function writeTable(path: string, pages: Scored[]): void {
  const rounded = [...meanF1(pages)].map(([kind, f1]) => [kind, Number(f1.toFixed(5))] as const)
  const { all: wordF1, ...byType } = Object.fromEntries(rounded)
  writeFileSync(path, `${JSON.stringify({ pages: pages.length, wordF1, byType }, null, 2)}\n`)
}

function report(pages: Scored[]): void {
  const means = meanF1(pages)
  for (const kind of kindsOf(pages)) {
    const count = pages.filter((page) => kind === ALL || page.kind === kind).length
    const f1 = means.get(kind)
    console.log(
      `${kind.padEnd(14)} pages=${String(count).padStart(5)}${f1 === undefined ? '' : ` F1=${f1.toFixed(4)}`}`,
    )
  }
  for (const step of ['parseMs', 'selectMs'] as const) {
    const times = pages.map((page) => page[step])
    const [median, p95, p99] = [0.5, 0.95, 0.99].map((part) => quantile(times, part).toFixed(1))
    console.log(`${step.padEnd(8)} median=${median} p95=${p95} p99=${p99} ms per page`)
  }
}

/** The files, apart by the models that are to judge them. */
function byModels(files: string[], folds: string | undefined): Map<string | null, string[]> {
  if (folds === undefined) return new Map([[null, files]])
  const foldOf = JSON.parse(readFileSync(join(folds, 'folds.json'), 'utf8')) as Record<string, number>
  const groups = new Map<string | null, string[]>()
  for (const file of files) {
    const models = join(folds, `fold-${foldOf[idOf(file)]}.json`)
    groups.set(models, [...(groups.get(models) ?? []), file])
  }
  return groups
}

const idOf = (file: string): string => file.slice(0, file.indexOf('.'))

/** A process rather than a thread: threads do not inherit the TypeScript loader on every Node. */
function inWorker(task: Task, onPage: (page: Scored) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(import.meta.url), [WORKER])
    worker.on('message', onPage)
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
    worker.send(task)
  })
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      out: { type: 'string' },
      workers: { type: 'string', default: '2' },
      limit: { type: 'string' },
      folds: { type: 'string' },
      table: { type: 'string' },
    },
  })
  if (values.data === undefined || values.out === undefined) {
    throw new Error(
      'usage: npm run score -- --data DIR --out results.json [--workers 2] [--limit N] [--folds DIR] [--table FILE]',
    )
  }
  const data = values.data
  const all = readdirSync(join(data, 'html')).filter((file) => /\.html(\.gz)?$/.test(file))
  const files = all.sort().slice(0, values.limit === undefined ? all.length : Number(values.limit))
  const pages: Scored[] = []
  for (const [models, chosen] of byModels(files, values.folds)) {
    const count = Math.max(1, Math.min(Number(values.workers), chosen.length))
    const parts = Array.from({ length: count }, (_, part) => chosen.filter((_file, i) => i % count === part))
    await Promise.all(
      parts.map((part) =>
        inWorker({ data, files: part, models }, (page) => {
          pages.push(page)
          if (pages.length % 250 === 0) console.error(`${pages.length} of ${files.length} pages`)
        }),
      ),
    )
  }
  pages.sort((a, b) => a.id.localeCompare(b.id))
  writeFileSync(values.out, `${JSON.stringify(Object.fromEntries(pages.map((page) => [page.id, page.text])))}\n`)
  if (values.table !== undefined) writeTable(values.table, pages)
  report(pages)
}

if (process.argv[2] === WORKER) {
  process.once('message', async ({ data, files, models }: Task) => {
    if (models !== null) judgeWith(JSON.parse(readFileSync(models, 'utf8')))
    for (const file of files) await new Promise((sent) => process.send?.(scorePage(data, file), sent))
    process.disconnect()
  })
} else {
  await main()
}
