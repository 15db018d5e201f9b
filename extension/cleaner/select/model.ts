/**
 * The trained models in order: what kind of page this is, what each block is alone, what it is among its neighbours.
 *
 * model.json is written by `training/train.py`; it names its features, so a feature that moved cannot be misread.
 */
import { CONTEXT_FEATURE_NAMES, contextFeatures } from './context'
import {
  BLOCK_FEATURE_NAMES,
  blockFeatures,
  contextShape,
  PAGE_FEATURE_NAMES,
  type PageView,
  pageFeatures,
} from './features'
import { type Forest, forest, sigmoid } from './forest'
import file from './model.json'

export const PAGE_TYPES = ['article', 'documentation', 'service', 'forum', 'collection', 'listing', 'product'] as const
export type PageType = (typeof PAGE_TYPES)[number]

export interface Opinion {
  /** Per block: probability that it is main content. */
  probability: Float64Array
  pageType: PageType
}

const PAGE_NAMES = PAGE_FEATURE_NAMES.map((name) => `page.${name}`)
const ROW_NAMES = [
  ...BLOCK_FEATURE_NAMES.map((name) => `block.${name}`),
  ...PAGE_NAMES,
  ...PAGE_TYPES.map((type) => `page.type_${type}`),
]
const SECOND_NAMES = [...ROW_NAMES, ...CONTEXT_FEATURE_NAMES]

interface Model {
  types: Forest[]
  page: Int32Array
  first: Forest
  firstRow: Int32Array
  second: Forest
  secondRow: Int32Array
}

let loaded: Model | null = null

/** Decoded on first use: the popup and the background carry this file too and never ask. */
function model(): Model {
  if (loaded === null) {
    const classes = PAGE_TYPES.length
    loaded = {
      // A multi-class forest holds one tree per class in turn.
      types: PAGE_TYPES.map((_, type) =>
        forest({ ...file.page, trees: file.page.trees.filter((_tree, i) => i % classes === type) }),
      ),
      page: places(file.page.features, PAGE_NAMES),
      first: forest(file.first),
      firstRow: places(file.first.features, ROW_NAMES),
      second: forest(file.second),
      secondRow: places(file.second.features, SECOND_NAMES),
    }
  }
  return loaded
}

function places(wanted: string[], names: string[]): Int32Array {
  return Int32Array.from(wanted, (name) => {
    const place = names.indexOf(name)
    if (place < 0) throw new Error(`the model asks for an unknown feature: ${name}`)
    return place
  })
}

export function judge(page: PageView): Opinion {
  const { types, page: pagePlaces, first, firstRow, second, secondRow } = model()
  const pageRow = pageFeatures(page)
  const typeProbabilities = softmax(types.map((tree) => tree.predict(pick(pagePlaces, pageRow))))
  const tail = [...pageRow, ...typeProbabilities]
  const rows = blockFeatures(page)
  const firstOpinion = Float64Array.from(rows, (row) => sigmoid(first.predict(pick(firstRow, row, tail))))
  const context = contextFeatures(contextShape(page), firstOpinion)
  const probability = Float64Array.from(rows, (row, i) =>
    sigmoid(second.predict(pick(secondRow, row, tail, context[i]))),
  )
  const best = typeProbabilities.indexOf(Math.max(...typeProbabilities))
  return { probability, pageType: PAGE_TYPES[best] ?? 'article' }
}

/** The values at `places` of several arrays laid end to end. */
function pick(places: Int32Array, ...parts: (ArrayLike<number> | undefined)[]): Float32Array {
  const row = new Float32Array(places.length)
  for (let i = 0; i < places.length; i++) {
    let place = places[i] as number
    for (const part of parts) {
      if (part === undefined) break
      if (place < part.length) {
        row[i] = part[place] as number
        break
      }
      place -= part.length
    }
  }
  return row
}

function softmax(values: number[]): number[] {
  const top = Math.max(...values)
  const powers = values.map((value) => Math.exp(value - top))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}
