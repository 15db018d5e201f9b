/**
 * What one block is like, alone and in its place: one row of numbers per block. Defined here and nowhere else: the
 * extension computes them to decide, and `training/extract.ts` writes the same numbers down to learn from.
 *
 * They come in groups, one idea each. A group writes all its numbers at once: a page has thousands of blocks, and a call
 * for every single number would take longer than everything else together.
 */
import { linkTarget } from './link-target'
import type { Block, OutlineElement, Role } from './outline'
import { ROLES } from './outline'
import type { PageView } from './view'
import { NAME_GROUP_NAMES, TEXT_GROUP_NAMES } from './vocabulary'

interface FeatureGroup {
  readonly names: readonly string[]
  /** Writes one number per name into `row`, from index `at` on. */
  write(view: BlockView, row: Float32Array, at: number): void
}

/** One block with everything around it looked up once. */
interface BlockView {
  readonly page: PageView
  readonly index: number
  readonly block: Block
  readonly leaf: OutlineElement
  readonly container: OutlineElement
  /** Index of the last heading before the block, -1 if none. */
  readonly heading: number
  /** Words of the page before the block. */
  readonly before: number
}

const log = (value: number): number => Math.log1p(value > 0 ? value : 0)
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)

/** The words themselves. */
const text: FeatureGroup = {
  names: [
    'words',
    'chars',
    'wordLength',
    'linkDensity',
    'links',
    'digits',
    'capitalised',
    'lowercase',
    'commas',
    'sentences',
    'sentenceLength',
    'separators',
    'endsSentence',
  ],
  write({ block }, row, at) {
    row[at] = log(block.words)
    row[at + 1] = log(block.chars)
    row[at + 2] = ratio(block.wordChars, block.words)
    row[at + 3] = ratio(block.linkWords, block.words)
    row[at + 4] = log(block.links)
    row[at + 5] = ratio(block.digits, block.chars)
    row[at + 6] = ratio(block.capitalised, block.words)
    row[at + 7] = ratio(block.lowercase, block.words)
    row[at + 8] = ratio(block.commas, block.words)
    row[at + 9] = log(block.sentenceEnds)
    row[at + 10] = ratio(block.words, block.sentenceEnds)
    row[at + 11] = log(block.separators)
    row[at + 12] = endsSentence(block.text) ? 1 : 0
  },
}

const CLOSING = new Set('"\'”’)] \t\n\r\u00a0')
const SENTENCE_ENDS = new Set('.!?。…:')

/** Whether a full stop or its like ends the text, but for quotes, brackets and white space. */
function endsSentence(whole: string): boolean {
  for (let at = whole.length - 1, steps = 0; at >= 0 && steps < 20; at--, steps++) {
    const mark = whole.charAt(at)
    if (!CLOSING.has(mark)) return SENTENCE_ENDS.has(mark)
  }
  return false
}

/** What the text says, and how it compares with what the page says about itself. */
const meaning: FeatureGroup = {
  names: [
    'price',
    'date',
    'copies',
    'copiesBefore',
    'inTitle',
    'inDescription',
    'inStatedDescription',
    'inStatedBody',
    ...TEXT_GROUP_NAMES.map((group) => `says_${group}`),
  ],
  write({ page: { blocks }, index }, row, at) {
    row[at] = blocks.hasPrice[index] as number
    row[at + 1] = blocks.hasDate[index] as number
    row[at + 2] = log(blocks.copies[index] as number)
    row[at + 3] = log(blocks.copiesBefore[index] as number)
    row[at + 4] = blocks.inTitle[index] as number
    row[at + 5] = blocks.inDescription[index] as number
    row[at + 6] = blocks.inStatedDescription[index] as number
    row[at + 7] = blocks.inStatedBody[index] as number
    writeBits(blocks.says[index] as number, TEXT_GROUP_NAMES.length, row, at + 8)
  },
}

function writeBits(bits: number, count: number, row: Float32Array, at: number): void {
  for (let bit = 0; bit < count; bit++) row[at + bit] = (bits >> bit) & 1
}

const TAG_CLASSES: ReadonlyMap<string, number> = new Map(
  'p li h1 h2 h3 h4 h5 h6 td th dt dd pre blockquote figcaption button a span div label section summary caption address'
    .split(' ')
    .map((tag, i) => [tag, i + 1]),
)
/** Beside everything that lies around the place where an article would be. */
const FAR_AWAY = 99

/** Where in the page it is. */
const place: FeatureGroup = {
  names: [
    'tag',
    'containerTag',
    'ownHeading',
    'depth',
    'position',
    'blockPosition',
    'wordsLeft',
    'wordsBefore',
    'afterTitle',
    'wordsFromTitle',
    'climb',
    'inProseHalf',
    'inProseMost',
    'beforeCandidate',
  ],
  write({ page, index, leaf, container, before }, row, at) {
    const { titleBlock, outline, structure } = page
    row[at] = TAG_CLASSES.get(leaf.tag) ?? 0
    row[at + 1] = TAG_CLASSES.get(container.tag) ?? 0
    row[at + 2] = page.blocks.heading[index] as number
    row[at + 3] = leaf.depth
    row[at + 4] = ratio(before, page.words)
    row[at + 5] = index / outline.blocks.length
    row[at + 6] = log(page.words - before)
    row[at + 7] = log(before)
    row[at + 8] = titleBlock < 0 ? 0 : Math.sign(index - titleBlock)
    row[at + 9] = titleBlock < 0 ? -1 : log(Math.abs(before - (structure.words[titleBlock] as number)))
    row[at + 10] = page.blocks.climb[index] ?? FAR_AWAY
    row[at + 11] = isInside(outline.elements[page.proseHalf], index)
    row[at + 12] = isInside(outline.elements[page.proseMost], index)
    row[at + 13] = index < (outline.elements[page.candidate]?.firstBlock ?? 0) ? 1 : 0
  },
}

function isInside(element: OutlineElement | undefined, index: number): number {
  return element !== undefined && index >= element.firstBlock && index < element.endBlock ? 1 : 0
}

/** The blocks before and after it. */
const neighbours: FeatureGroup = {
  names: [
    'previousWords',
    'previousLinks',
    'nextWords',
    'nextLinks',
    'nearWords',
    'nearLinks',
    'nearProse',
    'wideLinks',
    'wideProse',
  ],
  write({ page: { outline, structure }, index }, row, at) {
    const previous = outline.blocks[index - 1]
    const next = outline.blocks[index + 1]
    row[at] = previous === undefined ? -1 : log(previous.words)
    row[at + 1] = previous === undefined ? -1 : ratio(previous.linkWords, previous.words)
    row[at + 2] = next === undefined ? -1 : log(next.words)
    row[at + 3] = next === undefined ? -1 : ratio(next.linkWords, next.words)
    const near = window(structure.words, index, 3)
    row[at + 4] = near / 7
    row[at + 5] = ratio(window(structure.linkWords, index, 3), near)
    row[at + 6] = ratio(window(structure.proseWords, index, 3), near)
    const wide = window(structure.words, index, 12)
    row[at + 7] = ratio(window(structure.linkWords, index, 12), wide)
    row[at + 8] = ratio(window(structure.proseWords, index, 12), wide)
  },
}

function window(sums: Float64Array, index: number, radius: number): number {
  const end = Math.min(sums.length - 1, index + radius + 1)
  return (sums[end] as number) - (sums[Math.max(0, index - radius)] as number)
}

/** The heading it stands under, and what that says. */
const underHeading: FeatureGroup = {
  names: ['headingLevel', 'headingWords', 'wordsSinceHeading', ...TEXT_GROUP_NAMES.map((group) => `under_${group}`)],
  write({ page, heading, before }, row, at) {
    const has = heading >= 0
    row[at] = has ? (page.blocks.heading[heading] as number) : 0
    row[at + 1] = has ? log((page.outline.blocks[heading] as Block).words) : -1
    row[at + 2] = has ? log(before - (page.structure.words[heading] as number)) : -1
    writeBits(has ? (page.blocks.says[heading] as number) : 0, TEXT_GROUP_NAMES.length, row, at + 3)
  },
}

/** How many things like it, or like what it lies in, stand side by side. */
const repetition: FeatureGroup = {
  names: ['alike', 'containerAlike', 'itemAlike', 'innerItemAlike'],
  write({ page: { structure }, block, leaf }, row, at) {
    const { alike, item, innerItem } = structure
    row[at] = log(alike[block.element] as number)
    row[at + 1] = log(alike[leaf.container] as number)
    row[at + 2] = log(alike[item[block.element] as number] ?? 0)
    row[at + 3] = log(alike[innerItem[block.element] as number] ?? 0)
  },
}

/** What all texts of the same template are like: a short reply is a reply among long ones. */
const template: FeatureGroup = {
  names: ['blocks', 'share', 'words', 'links', 'prose', 'prices', 'dates', 'before', 'span'].map(
    (name) => `template_${name}`,
  ),
  write({ page, index, block }, row, at) {
    const { templates, structure, outline, words } = page
    const number = structure.template[block.element] as number
    const count = templates.blocks[number] as number
    const inAll = templates.words[number] as number
    row[at] = log(count)
    row[at + 1] = ratio(inAll, words)
    row[at + 2] = ratio(inAll, count)
    row[at + 3] = ratio(templates.linkWords[number] as number, inAll)
    row[at + 4] = ratio(templates.proseWords[number] as number, inAll)
    row[at + 5] = ratio(templates.prices[number] as number, count)
    row[at + 6] = ratio(templates.dates[number] as number, count)
    row[at + 7] = log(templates.before[index] as number)
    row[at + 8] = ratio((templates.last[number] as number) - (templates.first[number] as number), outline.blocks.length)
  },
}

/** Where its first link leads, as far as the address says. */
const target: FeatureGroup = {
  names: ['kind', 'depth', 'shared', 'slug', 'query', 'digits'].map((name) => `target_${name}`),
  write({ page, block }, row, at) {
    const link = page.outline.elements[block.link]
    if (link === undefined) return
    const address = linkTarget(link.element.getAttribute('href') ?? '', page.clues)
    row[at] = address.kind
    row[at + 1] = address.depth
    row[at + 2] = address.shared
    row[at + 3] = address.slug
    row[at + 4] = address.query
    row[at + 5] = address.digits
  },
}

/** What else stands in a part of the page that the block lies in. */
function company(name: string, of: (view: BlockView) => number): FeatureGroup {
  return {
    names: ['pictures', 'controls', 'headings', 'prices', 'dates'].map((feature) => `${name}_${feature}`),
    write(view, row, at) {
      const { outline, structure, blocks } = view.page
      const number = of(view)
      const element = outline.elements[number]
      if (element === undefined) return
      row[at] = log(structure.pictures[number] as number)
      row[at + 1] = log(structure.controls[number] as number)
      row[at + 2] = log(structure.headings[number] as number)
      row[at + 3] = log(
        (blocks.pricesBefore[element.endBlock] as number) - (blocks.pricesBefore[element.firstBlock] as number),
      )
      row[at + 4] = log(
        (blocks.datesBefore[element.endBlock] as number) - (blocks.datesBefore[element.firstBlock] as number),
      )
    },
  }
}

/** A part of the page that the block lies in: its share of the words, how it reads, where it begins. */
function region(name: string, of: (view: BlockView) => number): FeatureGroup {
  return {
    names: ['share', 'links', 'prose', 'blockWords', 'sentences', 'start'].map((feature) => `${name}_${feature}`),
    write(view, row, at) {
      const { outline, structure, words } = view.page
      const element = outline.elements[of(view)]
      const first = element?.firstBlock ?? 0
      const end = element?.endBlock ?? 0
      const inside = (structure.words[end] as number) - (structure.words[first] as number)
      row[at] = ratio(inside, words)
      row[at + 1] = ratio((structure.linkWords[end] as number) - (structure.linkWords[first] as number), inside)
      row[at + 2] = ratio((structure.proseWords[end] as number) - (structure.proseWords[first] as number), inside)
      row[at + 3] = element === undefined ? -1 : ratio(inside, end - first)
      row[at + 4] = ratio((structure.sentences[end] as number) - (structure.sentences[first] as number), inside)
      row[at + 5] = element === undefined ? -1 : ratio(structure.words[first] as number, words)
    },
  }
}

const IN_ROLES: readonly Role[] = [
  'nav',
  'header',
  'footer',
  'aside',
  'main',
  'article',
  'section',
  'form',
  'table',
  'list',
  'definitions',
  'figure',
  'quote',
  'button',
  'dialog',
  'hidden',
  'details',
  'microdata',
  'label',
  'emphasis',
]
const roleShifts = IN_ROLES.map((role) => ROLES.indexOf(role))

/** What the elements above it are, by tag, role and attribute. */
const roles: FeatureGroup = {
  names: IN_ROLES.map((role) => `in_${role}`),
  write({ page, block }, row, at) {
    const above = page.structure.rolesAbove[block.element] as number
    for (let i = 0; i < roleShifts.length; i++) row[at + i] = (above >> (roleShifts[i] as number)) & 1
  },
}

/** What the elements above it are called: 2 close by, 1 further up, 0 nowhere. */
const namesAbove: FeatureGroup = {
  names: NAME_GROUP_NAMES.map((group) => `named_${group}`),
  write({ page, block }, row, at) {
    const above = page.structure.namesAbove[block.element] as number
    const near = page.structure.namesNear[block.element] as number
    for (let bit = 0; bit < NAME_GROUP_NAMES.length; bit++) row[at + bit] = ((above >> bit) & 1) + ((near >> bit) & 1)
  },
}

const GROUPS: readonly FeatureGroup[] = [
  text,
  meaning,
  place,
  neighbours,
  underHeading,
  repetition,
  region('item', ({ page, block }) => page.structure.item[block.element] as number),
  region('innerItem', ({ page, block }) => page.structure.innerItem[block.element] as number),
  region('container', ({ leaf }) => leaf.container),
  region('parent', ({ container }) => container.parent),
  region('grand', ({ page, container }) => page.outline.elements[container.parent]?.parent ?? -1),
  region('half', ({ page, block }) => page.structure.half[block.element] as number),
  region('tenth', ({ page, block }) => page.structure.tenth[block.element] as number),
  region('landmark', ({ page, block }) => page.structure.landmark[block.element] as number),
  roles,
  namesAbove,
  template,
  target,
  company('item', ({ page, block }) => page.structure.item[block.element] as number),
  company('innerItem', ({ page, block }) => page.structure.innerItem[block.element] as number),
  company('parent', ({ container }) => container.parent),
  company('half', ({ page, block }) => page.structure.half[block.element] as number),
]

export const BLOCK_FEATURE_NAMES: readonly string[] = GROUPS.flatMap(({ names }) => names)

/** One row of `BLOCK_FEATURE_NAMES` per block, laid end to end. */
export function blockFeatures(page: PageView): Float32Array {
  const { elements, blocks } = page.outline
  const rows = new Float32Array(blocks.length * BLOCK_FEATURE_NAMES.length)
  let at = 0
  blocks.forEach((block, index) => {
    const leaf = elements[block.element] as OutlineElement
    const view: BlockView = {
      page,
      index,
      block,
      leaf,
      container: elements[leaf.container] as OutlineElement,
      heading: page.blocks.headingBefore[index] as number,
      before: page.structure.words[index] as number,
    }
    for (const group of GROUPS) {
      group.write(view, rows, at)
      at += group.names.length
    }
  })
  return rows
}
