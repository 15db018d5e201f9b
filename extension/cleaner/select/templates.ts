/**
 * What all texts made by one template are like. A short reply stands among long ones, a price among prices: by itself a
 * block shows little of what it is.
 */
import type { Outline } from './outline'
import { isProse, type Structure } from './structure'

/** Lists with one entry per template, but for `before`. */
export interface Templates {
  blocks: Float64Array
  words: Float64Array
  linkWords: Float64Array
  proseWords: Float64Array
  prices: Float64Array
  dates: Float64Array
  /** Indices of its first and last block. */
  first: Int32Array
  last: Int32Array
  /** Per block: how many of its template came before. */
  before: Int32Array
}

export function templates(
  { blocks }: Outline,
  { template, templates: size }: Structure,
  hasPrice: Uint8Array,
  hasDate: Uint8Array,
): Templates {
  const list = (): Float64Array => new Float64Array(size)
  const found: Templates = {
    blocks: list(),
    words: list(),
    linkWords: list(),
    proseWords: list(),
    prices: list(),
    dates: list(),
    first: new Int32Array(size).fill(-1),
    last: new Int32Array(size),
    before: new Int32Array(blocks.length),
  }
  blocks.forEach((block, i) => {
    const at = template[block.element] as number
    found.before[i] = found.blocks[at] as number
    add(found.blocks, at, 1)
    add(found.words, at, block.words)
    add(found.linkWords, at, block.linkWords)
    if (isProse(block)) add(found.proseWords, at, block.words)
    add(found.prices, at, hasPrice[i] as number)
    add(found.dates, at, hasDate[i] as number)
    if (found.first[at] === -1) found.first[at] = i
    found.last[at] = i
  })
  return found
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] as number) + value
}
