/**
 * Write the features of the second look, from the first model's opinions on pages it has not seen.
 *
 *   tsx training/context.ts --shapes FILE --opinions FILE --out FILE
 *
 * `opinions` is 32-bit floats, one per block, page after page in the order of `shapes`; so is what is written, one row
 * of `CONTEXT_FEATURE_NAMES` per block.
 */
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { CONTEXT_FEATURE_NAMES, type ContextShape, contextFeatures } from '../cleaner/select/context'

const { values } = parseArgs({
  options: { shapes: { type: 'string' }, opinions: { type: 'string' }, out: { type: 'string' } },
})
if (values.shapes === undefined || values.opinions === undefined || values.out === undefined) {
  throw new Error('usage: context.ts --shapes FILE --opinions FILE --out FILE')
}
const bytes = readFileSync(values.opinions)
const opinions = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
const out = createWriteStream(values.out)
let at = 0
for await (const line of createInterface({ input: createReadStream(values.shapes) })) {
  const { shape } = JSON.parse(line) as { shape: ContextShape }
  const rows = contextFeatures(shape, opinions.subarray(at, at + shape.words.length))
  at += shape.words.length
  if (!out.write(Buffer.from(rows.buffer))) await new Promise<void>((resolve) => out.once('drain', () => resolve()))
}
out.end()
writeFileSync(`${values.out}.names.json`, JSON.stringify(CONTEXT_FEATURE_NAMES))
