/**
 * Write what the models learn from.
 *
 *   tsx training/extract.ts --data DIR --out DIR
 *
 * pages.ndjson begins with the names of the features; each further line is a page with its features, the words of its
 * blocks and the truth. blocks.f32 has one row of 32-bit floats per block. shapes.ndjson is what the second look needs.
 */
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readdirSync, readFileSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { normalise } from '../cleaner/normalise'
import { BLOCK_FEATURE_NAMES, blockFeatures } from '../cleaner/select/block-features'
import { clues, wordsOf } from '../cleaner/select/clues'
import { contextShape } from '../cleaner/select/context'
import { revealNoscript } from '../cleaner/select/noscript'
import { outline } from '../cleaner/select/outline'
import { PAGE_FEATURE_NAMES, pageFeatures } from '../cleaner/select/page-features'
import { structure } from '../cleaner/select/structure'
import { view } from '../cleaner/select/view'
import { parseDocument } from '../cli/dom'

const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } })
if (values.data === undefined || values.out === undefined) throw new Error('usage: extract.ts --data DIR --out DIR')

mkdirSync(values.out, { recursive: true })
const pages = createWriteStream(join(values.out, 'pages.ndjson'))
const shapes = createWriteStream(join(values.out, 'shapes.ndjson'))
const blocks = createWriteStream(join(values.out, 'blocks.f32'))
const write = async (stream: WriteStream, chunk: string | Buffer): Promise<void> => {
  if (!stream.write(chunk)) await once(stream, 'drain')
}
await write(pages, `${JSON.stringify({ page: PAGE_FEATURE_NAMES, block: BLOCK_FEATURE_NAMES })}\n`)
let spent = 0
for (const file of readdirSync(join(values.data, 'html')).sort()) {
  const id = file.slice(0, file.indexOf('.'))
  const truth = JSON.parse(readFileSync(join(values.data, 'ground-truth', `${id}.json`), 'utf8'))
  const html = gunzipSync(readFileSync(join(values.data, 'html', file))).toString('utf8')
  const document = parseDocument(html)
  normalise(document, { dropsHidden: false })
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
    page: [...pageRow],
    words: flat.blocks.map((block) => wordsOf(block.text)),
  }
  await write(pages, `${JSON.stringify(line)}\n`)
  await write(blocks, Buffer.from(rows.buffer))
  const shape = Object.fromEntries(Object.entries(contextShape(page)).map(([key, list]) => [key, [...list]]))
  await write(shapes, `${JSON.stringify({ id, shape })}\n`)
}
for (const stream of [pages, shapes, blocks]) stream.end()
console.log(`features: ${Math.round(spent)} ms in all`)
