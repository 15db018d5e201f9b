/**
 * Answer `train.py`: the features of the second look, from the first model's opinions on pages it has not seen.
 *
 *   tsx training/context.ts --shapes FILE --opinions FILE --out FILE
 *
 * Prints `CONTEXT_FEATURE_NAMES` as JSON. Then, for every line on standard input, reads `opinions` (32-bit floats, one
 * per block, page after page in the order of `shapes`), writes one row of features per block to `out`, prints "done".
 */
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { CONTEXT_FEATURE_NAMES, type ContextShape, contextFeatures } from '../cleaner/select/context'

const { values } = parseArgs({
  options: { shapes: { type: 'string' }, opinions: { type: 'string' }, out: { type: 'string' } },
})
if (values.shapes === undefined || values.opinions === undefined || values.out === undefined) {
  throw new Error('usage: context.ts --shapes FILE --opinions FILE --out FILE')
}
const shapes: ContextShape[] = []
for await (const line of createInterface({ input: createReadStream(values.shapes) })) {
  const { shape } = JSON.parse(line) as { shape: Record<keyof ContextShape, number[]> }
  shapes.push(
    Object.fromEntries(
      Object.entries(shape).map(([key, list]) => [key, Int32Array.from(list)]),
    ) as unknown as ContextShape,
  )
}
console.log(JSON.stringify(CONTEXT_FEATURE_NAMES))
for await (const _question of createInterface({ input: process.stdin })) {
  answer(values.opinions, values.out)
  console.log('done')
}

function answer(from: string, to: string): void {
  const bytes = readFileSync(from)
  const opinions = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  let at = 0
  const rows = shapes.map((shape) => {
    const page = contextFeatures(shape, opinions.subarray(at, at + shape.words.length), [
      ...Array(shape.words.length).keys(),
    ])
    at += shape.words.length
    return Buffer.from(page.buffer)
  })
  writeFileSync(to, Buffer.concat(rows))
}
