/**
 * What the outline says about each element once all of it is known: sums over subtrees, what is inherited from above,
 * what repeats. Every array is indexed like `outline.elements`, every sum like `outline.blocks` (one longer).
 */
import { type Block, type Outline, type OutlineElement, ROLES, type Role } from './outline'

export interface Structure {
  /** Prefix sums over blocks: `sum[end] - sum[first]` is the subtree's. */
  words: Float64Array
  linkWords: Float64Array
  proseWords: Float64Array
  sentences: Float64Array
  /** Roles and name groups of the element and everything above it. */
  rolesAbove: Int32Array
  namesAbove: Int32Array
  /** Name groups of the element and the two above it. */
  namesNear: Int32Array
  /** Equal for elements whose whole chain of tags and classes is equal. */
  path: Int32Array
  /** Equal for elements whose tag and classes, and those of the two elements above, are equal: made by one template. */
  template: Int32Array
  /** How many templates there are. */
  templates: number
  /** Equal for siblings that look alike. */
  siblings: Int32Array
  /** Pictures, form controls and headings in the subtree. */
  pictures: Int32Array
  controls: Int32Array
  headings: Int32Array
  /** How many siblings look like this element, itself included. */
  alike: Int32Array
  /** The outermost element at or above this one that is one of at least three alike, -1 if none. */
  item: Int32Array
  /** The innermost such element that is not the element itself nor inline, -1 if none. */
  innerItem: Int32Array
  /** The outermost element at or above this one with less than half, a tenth of the page's words. */
  half: Int32Array
  tenth: Int32Array
  /** The innermost `<main>`, `<article>` or their ARIA roles at or above this one, -1 if none. */
  landmark: Int32Array
}

/** Blocks that read like sentences; what is left is menus, labels, captions and cards. */
export function isProse({ words, linkWords, lowercase, sentenceEnds }: Block): boolean {
  return words >= 10 && linkWords < 0.4 * words && lowercase >= 0.4 * words && (sentenceEnds > 0 || words >= 20)
}

const INLINE_ITEM = new Set([
  'a',
  'span',
  'b',
  'i',
  'em',
  'strong',
  'code',
  'p',
  'td',
  'th',
  'br',
  'sup',
  'sub',
  'small',
])

export function structure({ elements, blocks, skipped }: Outline): Structure {
  const sums = { words: prefix(), linkWords: prefix(), proseWords: prefix(), sentences: prefix() }
  function prefix(): Float64Array {
    return new Float64Array(blocks.length + 1)
  }
  blocks.forEach((block, i) => {
    const prose = isProse(block)
    sums.words[i + 1] = (sums.words[i] ?? 0) + block.words
    sums.linkWords[i + 1] = (sums.linkWords[i] ?? 0) + block.linkWords
    sums.proseWords[i + 1] = (sums.proseWords[i] ?? 0) + (prose ? block.words : 0)
    sums.sentences[i + 1] = (sums.sentences[i] ?? 0) + block.sentenceEnds
  })
  const totalWords = sums.words[blocks.length] ?? 0
  const n = elements.length
  const rolesAbove = new Int32Array(n)
  const namesAbove = new Int32Array(n)
  const namesNear = new Int32Array(n)
  const path = new Int32Array(n)
  const pairs = new Int32Array(n)
  const template = new Int32Array(n)
  const siblings = numbered(elements, ({ parent, signature }) => keyOf(parent, signature))
  const alike = sizes(siblings)
  const item = new Int32Array(n).fill(-1)
  const innerItem = new Int32Array(n).fill(-1)
  const half = new Int32Array(n).fill(-1)
  const tenth = new Int32Array(n).fill(-1)
  const landmark = new Int32Array(n).fill(-1)
  const paths = new Numbers()
  const pairNumbers = new Numbers()
  const templateNumbers = new Numbers()
  // Parents come first, so what is inherited is ready when it is needed.
  elements.forEach((element, i) => {
    const above = element.parent
    const grand = above < 0 ? undefined : elements[(elements[above] as OutlineElement).parent]
    rolesAbove[i] = element.roles | (above < 0 ? 0 : (rolesAbove[above] ?? 0))
    namesAbove[i] = element.names | (above < 0 ? 0 : (namesAbove[above] ?? 0))
    namesNear[i] = element.names | (above < 0 ? 0 : (elements[above]?.names ?? 0)) | (grand?.names ?? 0)
    path[i] = paths.of(keyOf(above < 0 ? -1 : (path[above] ?? -1), element.signature))
    pairs[i] = pairNumbers.of(keyOf(elements[above]?.signature ?? -1, element.signature))
    template[i] = templateNumbers.of(keyOf(above < 0 ? -1 : (pairs[above] ?? -1), element.signature))
    const words = (sums.words[element.endBlock] ?? 0) - (sums.words[element.firstBlock] ?? 0)
    const isLandmark = hasRole(element.roles, 'main') === 1 || hasRole(element.roles, 'article') === 1
    landmark[i] = isLandmark ? i : above < 0 ? -1 : (landmark[above] as number)
    const isItem = (alike[i] ?? 0) >= 3 && !INLINE_ITEM.has(element.tag)
    item[i] = above >= 0 && (item[above] ?? -1) >= 0 ? (item[above] as number) : isItem ? i : -1
    innerItem[i] = isItem ? i : above < 0 ? -1 : (innerItem[above] as number)
    half[i] = above >= 0 && (half[above] ?? -1) >= 0 ? (half[above] as number) : words < 0.5 * totalWords ? i : -1
    tenth[i] = above >= 0 && (tenth[above] ?? -1) >= 0 ? (tenth[above] as number) : words < 0.1 * totalWords ? i : -1
  })
  return {
    ...sums,
    ...insides(elements, skipped),
    rolesAbove,
    namesAbove,
    namesNear,
    path,
    template,
    templates: templateNumbers.size,
    siblings,
    alike,
    item,
    innerItem,
    half,
    tenth,
    landmark,
  }
}

/** How many pictures, controls and headings there are in every element's subtree. */
function insides(
  elements: OutlineElement[],
  skipped: Outline['skipped'],
): Pick<Structure, 'pictures' | 'controls' | 'headings'> {
  const pictures = Int32Array.from(elements, ({ tag }) => (tag === 'img' ? 1 : 0))
  const controls = Int32Array.from(elements, ({ roles }) => hasRole(roles, 'button'))
  const headings = Int32Array.from(elements, ({ heading }) => (heading > 0 ? 1 : 0))
  // The outline does not enter an `<input>`, it only knows where one stands.
  for (const { node, parent } of skipped) if (isInput(node)) controls[parent] = (controls[parent] as number) + 1
  // Children come last, so what they hold is counted when their parent asks.
  for (let i = elements.length - 1; i > 0; i--) {
    const { parent } = elements[i] as OutlineElement
    pictures[parent] = (pictures[parent] as number) + (pictures[i] as number)
    controls[parent] = (controls[parent] as number) + (controls[i] as number)
    headings[parent] = (headings[parent] as number) + (headings[i] as number)
  }
  return { pictures, controls, headings }
}

const isInput = (node: Node): boolean => (node as Element).localName === 'input'

/** Gives every key a number of its own, from 0. */
class Numbers {
  private readonly known = new Map<number, number>()

  get size(): number {
    return this.known.size
  }

  of(key: number): number {
    let number = this.known.get(key)
    if (number === undefined) {
      number = this.known.size
      this.known.set(key, number)
    }
    return number
  }
}

function numbered<T>(list: readonly T[], keyOf: (entry: T) => number): Int32Array {
  const numbers = new Numbers()
  return Int32Array.from(list, (entry) => numbers.of(keyOf(entry)))
}

/** For each entry, how many have the same number. */
function sizes(numbers: Int32Array): Int32Array {
  const counts = new Int32Array(numbers.length)
  for (const number of numbers) counts[number] = (counts[number] as number) + 1
  return numbers.map((number) => counts[number] as number)
}

/** One number for an index (-1 for none) and a signature, both of which stay below 2^20. */
const keyOf = (index: number, signature: number): number => (index + 1) * 0x100000 + signature

const roleShift = Object.fromEntries(ROLES.map((role, bit) => [role, bit])) as Record<Role, number>

/** 1 or 0. */
export const hasRole = (bits: number, role: Role): number => (bits >> roleShift[role]) & 1
