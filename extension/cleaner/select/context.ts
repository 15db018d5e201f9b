/**
 * The second look: what the first opinion says about a block's surroundings.
 *
 * The first model judges each block alone. Content comes in stretches and templates repeat, so a second model sees the
 * opinions next to it, above it and on blocks made by the same template, and settles most doubtful cases.
 */
import type { PageView } from './view'

export interface ContextShape {
  /** Per block: words, and the index of its element. */
  words: ArrayLike<number>
  block: ArrayLike<number>
  headingBefore: ArrayLike<number>
  /** Per element. */
  parent: ArrayLike<number>
  container: ArrayLike<number>
  first: ArrayLike<number>
  end: ArrayLike<number>
  path: ArrayLike<number>
  template: ArrayLike<number>
  siblings: ArrayLike<number>
  item: ArrayLike<number>
  innerItem: ArrayLike<number>
  half: ArrayLike<number>
  tenth: ArrayLike<number>
}

export const CONTEXT_FEATURE_NAMES = [
  'first',
  'first_previous',
  'first_next',
  'first_previous2',
  'first_next2',
  'first_near',
  'first_wide',
  'first_far',
  'first_container',
  'first_parent',
  'first_grand',
  'first_great',
  'first_item',
  'first_innerItem',
  'first_half',
  'first_tenth',
  'first_path',
  'first_parentPath',
  'first_heading',
  'first_below',
  'first_massBefore',
  'first_keptShare',
  'first_kept',
  'first_best',
  'first_expected',
  'first_threshold',
  'first_margin',
  'first_template',
  'first_parentTemplate',
  'first_itemSiblings',
  'first_innerItemSiblings',
  'first_containerSiblings',
]

/**
 * What surrounds the first opinions on some blocks, a row each, laid end to end.
 *
 * @param opinion the first model's probability for every block of the page
 * @param asked the blocks to answer for, by their places
 */
export function contextFeatures(
  shape: ContextShape,
  opinion: ArrayLike<number>,
  asked: ArrayLike<number>,
): Float32Array {
  const count = shape.words.length
  const mass = new Float64Array(count + 1)
  const weight = new Float64Array(count + 1)
  let best = 0
  for (let i = 0; i < count; i++) {
    // Half a word more, so that a block of symbols still has a say of its own.
    const words = (shape.words[i] ?? 0) + 0.5
    mass[i + 1] = (mass[i] ?? 0) + words * (opinion[i] ?? 0)
    weight[i + 1] = (weight[i] ?? 0) + words
    if ((opinion[i] ?? 0) > best) best = opinion[i] ?? 0
  }
  const mean = (first: number, end: number): number => {
    const from = Math.max(0, first)
    const to = Math.min(count, end)
    return to <= from ? -1 : ((mass[to] ?? 0) - (mass[from] ?? 0)) / ((weight[to] ?? 0) - (weight[from] ?? 0))
  }
  const inElement = (element: number): number =>
    element < 0 ? -1 : mean(shape.first[element] ?? 0, shape.end[element] ?? 0)
  const above = (element: number): number => (element < 0 ? -1 : (shape.parent[element] ?? -1))
  const samePath = pathMeans(shape, opinion, (element) => shape.path[element] ?? -1)
  const sameParentPath = pathMeans(shape, opinion, (element) => shape.path[above(shape.container[element] ?? -1)] ?? -1)
  const sameTemplate = pathMeans(shape, opinion, (element) => shape.template[element] ?? -1)
  const sameParentTemplate = pathMeans(
    shape,
    opinion,
    (element) => shape.template[above(shape.container[element] ?? -1)] ?? -1,
  )
  const siblingsOf = (element: number): number => shape.siblings[element] ?? -1
  const itemSiblings = pathMeans(shape, opinion, (element) => siblingsOf(shape.item[element] ?? -1))
  const innerSiblings = pathMeans(shape, opinion, (element) => siblingsOf(shape.innerItem[element] ?? -1))
  const containerSiblings = pathMeans(shape, opinion, (element) => siblingsOf(shape.container[element] ?? -1))
  const headingAfter = nextHeadings(shape)
  const total = mass[count] ?? 0
  const { expected, threshold } = bestThreshold(shape, opinion)
  const size = CONTEXT_FEATURE_NAMES.length
  const rows = new Float32Array(asked.length * size)
  for (let place = 0; place < asked.length; place++) {
    const i = asked[place] as number
    const element = shape.block[i] ?? 0
    const container = shape.container[element] ?? -1
    const heading = shape.headingBefore[i] ?? -1
    const at = place * size
    rows[at] = opinion[i] ?? 0
    rows[at + 1] = opinion[i - 1] ?? -1
    rows[at + 2] = opinion[i + 1] ?? -1
    rows[at + 3] = opinion[i - 2] ?? -1
    rows[at + 4] = opinion[i + 2] ?? -1
    rows[at + 5] = mean(i - 3, i + 4)
    rows[at + 6] = mean(i - 10, i + 11)
    rows[at + 7] = mean(i - 40, i + 41)
    rows[at + 8] = inElement(container)
    rows[at + 9] = inElement(above(container))
    rows[at + 10] = inElement(above(above(container)))
    rows[at + 11] = inElement(above(above(above(container))))
    rows[at + 12] = inElement(shape.item[element] ?? -1)
    rows[at + 13] = inElement(shape.innerItem[element] ?? -1)
    rows[at + 14] = inElement(shape.half[element] ?? -1)
    rows[at + 15] = inElement(shape.tenth[element] ?? -1)
    rows[at + 16] = samePath[i] ?? 0
    rows[at + 17] = sameParentPath[i] ?? 0
    rows[at + 18] = heading < 0 ? -1 : (opinion[heading] ?? 0)
    rows[at + 19] = mean(i + 1, Math.max(headingAfter[i] ?? count, i + 2))
    rows[at + 20] = total > 0 ? (mass[i] ?? 0) / total : 0
    rows[at + 21] = total / Math.max(1, weight[count] ?? 0)
    rows[at + 22] = Math.log1p(total)
    rows[at + 23] = best
    rows[at + 24] = expected
    rows[at + 25] = threshold
    rows[at + 26] = (opinion[i] ?? 0) - threshold
    rows[at + 27] = sameTemplate[i] ?? 0
    rows[at + 28] = sameParentTemplate[i] ?? 0
    rows[at + 29] = (shape.item[element] ?? -1) < 0 ? -1 : (itemSiblings[i] ?? 0)
    rows[at + 30] = (shape.innerItem[element] ?? -1) < 0 ? -1 : (innerSiblings[i] ?? 0)
    rows[at + 31] = containerSiblings[i] ?? 0
  }
  return rows
}

function pathMeans(shape: ContextShape, opinion: ArrayLike<number>, pathOf: (element: number) => number): Float64Array {
  const mass = new Map<number, number>()
  const weight = new Map<number, number>()
  const count = shape.words.length
  const paths = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const path = pathOf(shape.block[i] ?? 0)
    const words = (shape.words[i] ?? 0) + 0.5
    paths[i] = path
    mass.set(path, (mass.get(path) ?? 0) + words * (opinion[i] ?? 0))
    weight.set(path, (weight.get(path) ?? 0) + words)
  }
  const means = new Float64Array(count)
  for (let i = 0; i < count; i++) means[i] = (mass.get(paths[i] ?? 0) ?? 0) / (weight.get(paths[i] ?? 0) ?? 1)
  return means
}

/** Per block: the next heading after it. A block is a heading if it is the last heading before its successor. */
function nextHeadings({ headingBefore }: ContextShape): Int32Array {
  const count = headingBefore.length
  const next = new Int32Array(count)
  let upcoming = count
  for (let i = count - 1; i >= 0; i--) {
    next[i] = upcoming
    if (headingBefore[i + 1] === i) upcoming = i
  }
  return next
}

/**
 * The cut that promises the best word F1, and that F1, if the opinions are right: twice the kept probable words over
 * the kept words plus all probable words.
 */
export function bestThreshold(
  { words }: Pick<ContextShape, 'words'>,
  opinion: ArrayLike<number>,
): { threshold: number; expected: number } {
  const order = Array.from({ length: words.length }, (_, i) => i).sort((a, b) => (opinion[b] ?? 0) - (opinion[a] ?? 0))
  let total = 0
  for (const i of order) total += (opinion[i] ?? 0) * (words[i] ?? 0)
  let keptMass = 0
  let keptWords = 0
  let expected = 0
  let threshold = 1
  for (const i of order) {
    keptMass += (opinion[i] ?? 0) * (words[i] ?? 0)
    keptWords += words[i] ?? 0
    const f1 = (2 * keptMass) / (keptWords + total || 1)
    if (f1 > expected) {
      expected = f1
      threshold = opinion[i] ?? 0
    }
  }
  return { threshold, expected }
}

/** The part of the page that the second look needs. */
export function contextShape(page: PageView): ContextShape {
  const { elements, blocks } = page.outline
  const { path, template, siblings, item, innerItem, half, tenth } = page.structure
  return {
    words: column(blocks, (block) => block.words),
    block: column(blocks, (block) => block.element),
    headingBefore: page.blocks.headingBefore,
    parent: column(elements, (element) => element.parent),
    container: column(elements, (element) => element.container),
    first: column(elements, (element) => element.firstBlock),
    end: column(elements, (element) => element.endBlock),
    path,
    template,
    siblings,
    item,
    innerItem,
    half,
    tenth,
  }
}

/** Many times faster than `Int32Array.from`. */
function column<T>(rows: readonly T[], of: (row: T) => number): Int32Array {
  const found = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) found[i] = of(rows[i] as T)
  return found
}
