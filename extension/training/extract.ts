/**
 * Write what the models learn from: one JSON line per page with its features, the words of its blocks and the truth.
 *
 *   tsx training/extract.ts --data DIR --out DIR
 *
 * features.ndjson begins with the names of the features; shapes.ndjson has what `context.ts` needs for the second look.
 */
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { clues, wordsOf } from '../cleaner/select/clues'
import {
  BLOCK_FEATURE_NAMES,
  blockFeatures,
  contextShape,
  PAGE_FEATURE_NAMES,
  pageFeatures,
  view,
} from '../cleaner/select/features'
import { revealNoscript } from '../cleaner/select/noscript'
import { outline } from '../cleaner/select/outline'
import { structure } from '../cleaner/select/structure'
import { parseDocument } from '../cli/dom'

const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } })
if (values.data === undefined || values.out === undefined) throw new Error('usage: extract.ts --data DIR --out DIR')

mkdirSync(values.out, { recursive: true })
const out = createWriteStream(join(values.out, 'features.ndjson'))
const shapes = createWriteStream(join(values.out, 'shapes.ndjson'))
const short = (value: number): number => Number(value.toPrecision(5))
out.write(`${JSON.stringify({ page: PAGE_FEATURE_NAMES, block: BLOCK_FEATURE_NAMES })}\n`)
let spent = 0
for (const file of readdirSync(join(values.data, 'html')).sort()) {
  const id = file.slice(0, file.indexOf('.'))
  const truth = JSON.parse(readFileSync(join(values.data, 'ground-truth', `${id}.json`), 'utf8'))
  const html = gunzipSync(readFileSync(join(values.data, 'html', file))).toString('utf8')
  const document = parseDocument(html)
  const start = performance.now()
  revealNoscript(document.body ?? document.documentElement)
  const flat = outline(document.body ?? document.documentElement)
  const page = view(flat, structure(flat), clues(document, truth.url ?? ''))
  const rows = blockFeatures(page)
  const pageRow = pageFeatures(page)
  spent += performance.now() - start
  const line = {
    id,
    url: truth.url ?? '',
    type: truth._internal.page_type.primary,
    truth: wordsOf(truth.ground_truth.main_content ?? ''),
    page: [...pageRow].map(short),
    blocks: rows.map((row) => [...row].map(short)),
    words: flat.blocks.map((block) => wordsOf(block.text)),
    clues: {
      body: page.clues.statedBody,
      description: page.clues.statedDescription,
      name: page.clues.statedName,
      meta: page.clues.description,
    },
  }
  const shape = Object.fromEntries(Object.entries(contextShape(page)).map(([key, list]) => [key, [...list]]))
  shapes.write(`${JSON.stringify({ id, shape })}\n`)
  if (!out.write(`${JSON.stringify(line)}\n`)) await new Promise<void>((resolve) => out.once('drain', () => resolve()))
}
out.end()
shapes.end()
console.log(`features: ${Math.round(spent)} ms in all`)
