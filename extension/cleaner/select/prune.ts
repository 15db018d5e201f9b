/**
 * Take everything out of the document that was not chosen, leaving what was in its original nesting.
 *
 * The outline already knows every element and every text with its place, so nothing is searched again: an element lives
 * if something kept lives in it, and only the roots of what does not live are touched.
 */
import type { Block, Outline, OutlineElement } from './outline'

/** Kept where they stand inside kept content, though they hold no text. */
const SILENT_KEPT = new Set(['hr', 'wbr', 'col', 'colgroup'])
/** Cells stay where their row does: without the empty ones the columns would slip. */
const CELLS = new Set(['td', 'th'])

/** Elements that stand for themselves; the result is always a neutral container around them. */
const NOT_A_ROOT = new Set(
  'p h1 h2 h3 h4 h5 h6 pre ul ol li dl dt dd table thead tbody tfoot tr td th caption blockquote figure figcaption a span b i em strong code picture img math label button summary details'.split(
    ' ',
  ),
)

const ICON_PX = 40
/** Data is short; where cells hold more on the average, the table is a frame. */
const MAX_CELL_WORDS = 12

/** Keep the blocks marked in `kept`, return the smallest container that holds them all. */
export function prune(page: Outline, chosen: readonly boolean[]): Element {
  const kept = wholeTables(page, closedGaps(page, chosen))
  const alive = new Living(page)
  page.blocks.forEach((block, i) => {
    if (kept[i]) for (const parent of block.parents) alive.keep(parent)
    if (kept[i] && block.isAtomic) alive.keep(block.element)
  })
  keepPictures(page, kept, alive)
  keepCells(page, alive)
  page.elements.forEach(({ element, tag, parent }, i) => {
    if (!alive.has(i) && alive.has(parent) && !SILENT_KEPT.has(tag)) element.remove()
  })
  page.blocks.forEach((block, i) => {
    if (!kept[i] && !block.isAtomic) removeNodes(block, alive)
  })
  for (const { node, parent } of page.skipped) {
    if (alive.has(parent) && !isSourceOf(page.elements[parent], node)) node.remove()
  }
  return container(page, kept, alive)
}

/** Headings, quotes, code and lists are short of everything a text is known by, but stand where a text goes on. */
const PASSAGES = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'ul', 'ol', 'dl'])

/** What stands between two kept neighbours stays: without it they would not follow. Not so what is mostly links. */
function closedGaps({ elements, blocks }: Outline, chosen: readonly boolean[]): readonly boolean[] {
  const kept = chosen.slice()
  for (const { tag, parent, firstBlock, endBlock } of elements) {
    if (!PASSAGES.has(tag) || !chosen[firstBlock - 1] || !chosen[endBlock]) continue
    let around = elements[parent]
    while (around?.firstBlock === firstBlock && around.endBlock === endBlock) around = elements[around.parent] // a wrapper
    if (around === undefined || around.firstBlock === firstBlock || around.endBlock === endBlock) continue
    const inside = blocks.slice(firstBlock, endBlock)
    if (sum(inside, ({ linkWords }) => linkWords) <= 0.5 * sum(inside, ({ words }) => words)) {
      kept.fill(true, firstBlock, endBlock)
    }
  }
  return kept
}

function sum(blocks: readonly Block[], of: (block: Block) => number): number {
  return blocks.reduce((total, block) => total + of(block), 0)
}

/** A table with holes says something else: it stays whole if most of its words do. Pages laid out in tables are no tables. */
function wholeTables({ elements, blocks }: Outline, chosen: readonly boolean[]): readonly boolean[] {
  const kept = chosen.slice()
  const { all, some } = wordSums(blocks, chosen)
  for (const { tag, firstBlock, endBlock } of elements) {
    if (tag !== 'table') continue
    const words = (all[endBlock] ?? 0) - (all[firstBlock] ?? 0)
    const keptWords = (some[endBlock] ?? 0) - (some[firstBlock] ?? 0)
    const isData = words <= MAX_CELL_WORDS * (endBlock - firstBlock)
    if (isData && keptWords > 0 && keptWords >= 0.5 * words) kept.fill(true, firstBlock, endBlock)
  }
  return kept
}

/** Prefix sums of the words of all blocks and of the kept ones. */
function wordSums(blocks: readonly Block[], kept: readonly boolean[]): { all: Float64Array; some: Float64Array } {
  const all = new Float64Array(blocks.length + 1)
  const some = new Float64Array(blocks.length + 1)
  blocks.forEach((block, i) => {
    all[i + 1] = (all[i] ?? 0) + block.words
    some[i + 1] = (some[i] ?? 0) + (kept[i] ? block.words : 0)
  })
  return { all, some }
}

/** Which elements stay, by index. */
class Living {
  private readonly alive: Uint8Array
  constructor(private readonly page: Outline) {
    this.alive = new Uint8Array(page.elements.length)
    this.alive[0] = 1
  }

  has(index: number): boolean {
    return this.alive[index] === 1
  }

  /** An element stays with everything it stands in. */
  keep(index: number): void {
    for (let at = index; at >= 0 && this.alive[at] === 0; at = this.page.elements[at]?.parent ?? -1) this.alive[at] = 1
  }
}

function removeNodes(block: Block, alive: Living): void {
  block.nodes.forEach((node, i) => {
    if (alive.has(block.parents[i] ?? -1)) node.remove()
  })
}

/** A picture belongs to the text it stands in: it stays if most of that text does. Whoever asks for all gets all. */
function keepPictures({ elements, blocks }: Outline, kept: readonly boolean[], alive: Living): void {
  const { all: allWords, some: keptWords } = wordSums(blocks, kept)
  const inside = (sums: Float64Array, { firstBlock, endBlock }: OutlineElement): number =>
    (sums[endBlock] ?? 0) - (sums[firstBlock] ?? 0)
  const isAllKept = kept.every(Boolean)
  const standsInKeptText = (picture: OutlineElement): boolean => {
    let around: OutlineElement | undefined = picture
    while (around !== undefined && inside(allWords, around) === 0) around = elements[around.parent]
    const isPage = around === undefined || around.parent < 0
    return around !== undefined && !isPage && inside(keptWords, around) >= 0.5 * inside(allWords, around)
  }
  elements.forEach((picture, i) => {
    if (picture.tag !== 'img' || isIcon(picture.element)) return
    if (isAllKept || standsInKeptText(picture)) alive.keep(i)
  })
}

function keepCells({ elements }: Outline, alive: Living): void {
  elements.forEach(({ tag, parent }, i) => {
    if (CELLS.has(tag) && alive.has(parent)) alive.keep(i)
  })
}

function isSourceOf(parent: OutlineElement | undefined, node: Node): boolean {
  return parent?.tag === 'picture' && node.nodeName.toLowerCase() === 'source'
}

/** Down from the root for as long as all that stays is one element, which is not content by itself. */
function container({ elements, blocks }: Outline, kept: readonly boolean[], alive: Living): Element {
  const inner = new Int32Array(elements.length)
  const only = new Int32Array(elements.length)
  elements.forEach(({ parent }, i) => {
    if (parent < 0 || !alive.has(i)) return
    inner[parent] = (inner[parent] ?? 0) + 1
    only[parent] = i
  })
  blocks.forEach((block, i) => {
    // A text between the elements, or instead of them, is as good as a second element.
    if (kept[i] && !block.isAtomic) for (const parent of block.parents) inner[parent] = 2
  })
  let at = 0
  while (inner[at] === 1 && !NOT_A_ROOT.has(elements[only[at] ?? 0]?.tag ?? '')) at = only[at] ?? 0
  return (elements[at] as OutlineElement).element
}

function isIcon(image: Element): boolean {
  return ['width', 'height'].some((side) => {
    const value = Number.parseFloat(image.getAttribute(side) ?? '')
    return value > 0 && value <= ICON_PX
  })
}
