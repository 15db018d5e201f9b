/**
 * The trained models in order: what kind of page this is, what each block is alone, what it is on its page.
 *
 * model.json is written by `training/train.py`; it names its features, so a feature that moved cannot be misread.
 */
import { BLOCK_FEATURE_NAMES, blockFeatures } from './block-features'
import { CONTEXT_FEATURE_NAMES, contextFeatures, contextShape } from './context'
import { type Forest, forest, sigmoid } from './forest'
import file from './model.json'
import { type Network, network } from './network'
import { PAGE_FEATURE_NAMES, pageFeatures } from './page-features'
import type { PageView } from './view'

export const PAGE_TYPES = ['article', 'documentation', 'service', 'forum', 'collection', 'listing', 'product'] as const
export type PageType = (typeof PAGE_TYPES)[number]

export interface Opinion {
  /** Per block: probability that it is main content. */
  probability: Float64Array
  pageType: PageType
}

const PAGE_NAMES = PAGE_FEATURE_NAMES.map((name) => `page.${name}`)
const PAGE_AT = BLOCK_FEATURE_NAMES.length
const TYPES_AT = PAGE_AT + PAGE_NAMES.length
const CONTEXT_AT = TYPES_AT + PAGE_TYPES.length
/** What the columns of a block's row are: itself, its page, the page's type, the first opinions around it. */
const ROW_NAMES = [
  ...BLOCK_FEATURE_NAMES.map((name) => `block.${name}`),
  ...PAGE_NAMES,
  ...PAGE_TYPES.map((type) => `page.type_${type}`),
  ...CONTEXT_FEATURE_NAMES,
]

interface Model {
  types: Forest[]
  first: Forest
  second: Network
  /** Below this, the first look is so sure that there is no content that a second one would be lost time. */
  sureLogOdds: number
  /** What the first look still says about the others in the end, of the log odds: 0 to 1. */
  firstShare: number
}

let loaded: Model | null = null

/** Decoded on first use: who imports this file need not ask. */
function model(): Model {
  loaded ??= decode(file)
  return loaded
}

function decode({ page, first, second, sureLogOdds, firstShare }: typeof file): Model {
  const classes = PAGE_TYPES.length
  return {
    // A multi-class forest holds one tree per class in turn.
    types: PAGE_TYPES.map((_, type) =>
      forest({ ...page, trees: page.trees.filter((_tree, i) => i % classes === type) }, PAGE_NAMES),
    ),
    first: forest(first, ROW_NAMES.slice(0, CONTEXT_AT)),
    second: network(second, ROW_NAMES),
    sureLogOdds,
    firstShare,
  }
}

/** Judges with other models from now on: those that have not seen the page, where the cleaner itself is measured. */
export function judgeWith(other: typeof file): void {
  loaded = decode(other)
}

export function judge(page: PageView): Opinion {
  const { types, first, second, sureLogOdds, firstShare } = model()
  const pageRow = pageFeatures(page)
  const typeProbabilities = softmax(types.map((tree) => tree(pageRow)))
  const blocks = blockFeatures(page)
  const count = page.outline.blocks.length
  // One row for all: a page may have a hundred thousand blocks.
  const row = new Float32Array(ROW_NAMES.length)
  row.set(pageRow, PAGE_AT)
  row.set(typeProbabilities, TYPES_AT)
  const firstLook = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    row.set(blocks.subarray(i * PAGE_AT, (i + 1) * PAGE_AT))
    firstLook[i] = first(row)
  }
  const shape = contextShape(page)
  const probability = firstLook.map(sigmoid)
  const contextSize = CONTEXT_FEATURE_NAMES.length
  const unsure: number[] = []
  for (let i = 0; i < count; i++) if ((firstLook[i] as number) >= sureLogOdds) unsure.push(i)
  const context = contextFeatures(shape, probability, unsure)
  const words = unsure.map((i) => shape.words[i] as number)
  const secondLook = second(words, (at) => {
    const i = unsure[at] as number
    row.set(blocks.subarray(i * PAGE_AT, (i + 1) * PAGE_AT))
    row.set(context.subarray(at * contextSize, (at + 1) * contextSize), CONTEXT_AT)
    return row
  })
  unsure.forEach((i, at) => {
    probability[i] = sigmoid(firstShare * (firstLook[i] as number) + (1 - firstShare) * (secondLook[at] as number))
  })
  const best = typeProbabilities.indexOf(Math.max(...typeProbabilities))
  return { probability, pageType: PAGE_TYPES[best] ?? 'article' }
}

function softmax(values: number[]): number[] {
  const top = Math.max(...values)
  const powers = values.map((value) => Math.exp(value - top))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}
