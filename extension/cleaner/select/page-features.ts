/**
 * The features of the models, defined here and nowhere else: the extension computes them to decide, and
 * `training/extract.ts` writes the same numbers down to learn from.
 */
import { type Clues, wordsOf } from './clues'
import type { ContextShape } from './context'
import type { Block, Outline, OutlineElement, Role } from './outline'
import { hasRole, isProse, type Structure } from './structure'
import { DATE_HINTS, LEGAL_HINTS, NAME_GROUP_NAMES, type NameGroup, PRICE_HINTS, TEXT_GROUPS } from './vocabulary'

export interface PageView {
  outline: Outline
  structure: Structure
  clues: Clues
  /** Page-wide sums and landmarks, computed once. */
  words: number
  linkWords: number
  proseWords: number
  proseBlocks: number
  headings: number
  prices: number
  dates: number
  /** Block that looks like the page's title: a heading that shares its words with <title>; -1 if none. */
  titleBlock: number
  /** Element whose prose, near its surface, is the most: where an article would be. -1 on an empty page. */
  candidate: number
  /** The smallest element with at least half, and nine tenths, of all prose words. */
  proseHalf: number
  proseMost: number
  /** Per block: index of the last heading before it, -1 if none. */
  headingBefore: Int32Array
  /** Per block: in the subtree of the candidate 0, of its parent 1, and so on. */
  climb: Int32Array
  /** Per block: how often the same text is on the page. */
  copies: Int32Array
  /** Per block: how often it came before. */
  copiesBefore: Int32Array
  /** Per block: which groups of `TEXT_GROUPS` its text is in, as bits; 0 for long texts. */
  says: Int32Array
  /** Per block: share of its words in the title, description and body the page states. */
  inTitle: Float64Array
  inDescription: Float64Array
  inStatedDescription: Float64Array
  inStatedBody: Float64Array
  roleCounts: Record<'article' | 'form' | 'table' | 'list' | 'code' | 'quote', number>
}

const HEADING = /^h[1-6]$/

export function view(outline: Outline, structure: Structure, clues: Clues): PageView {
  const { blocks, elements } = outline
  const end = blocks.length
  const headingBefore = new Int32Array(end).fill(-1)
  const copies = new Int32Array(end)
  const copiesBefore = new Int32Array(end)
  const says = new Int32Array(end)
  const inTitle = new Float64Array(end)
  const inStatedDescription = new Float64Array(end)
  const inDescription = new Float64Array(end)
  const inStatedBody = new Float64Array(end)
  const titleWords = new Set(wordsOf(clues.title))
  const descriptionWords = new Set(wordsOf(clues.description || clues.statedDescription))
  const bodyPairs = pairs(clues.statedBody)
  const descriptionPairs = pairs(clues.statedDescription)
  const seen = new Map<string, number>()
  const keys: string[] = []
  let heading = -1
  let headings = 0
  let prices = 0
  let dates = 0
  let proseBlocks = 0
  let titleBlock = -1
  let titleScore = 0
  const titleText = clues.title.toLowerCase()
  blocks.forEach((block, i) => {
    headingBefore[i] = heading
    const tag = headingTag(elements, block.element)
    if (tag !== 0) {
      heading = i
      headings++
    }
    const start = block.text.slice(0, 2000)
    const words = block.words <= 400 ? wordsOf(start) : []
    const key = start.trim().slice(0, 200)
    keys.push(key)
    copiesBefore[i] = seen.get(key) ?? 0
    seen.set(key, (seen.get(key) ?? 0) + 1)
    if (block.words <= 40) {
      if (PRICE_HINTS.test(start)) prices++
      if (DATE_HINTS.test(start)) dates++
      inTitle[i] = share(words, titleWords)
      if (tag !== 0 && words.length > 0) {
        const score =
          (inTitle[i] ?? 0) * (tag === 1 ? 1.5 : 1) * Math.min(1, words.length / 3) +
          (titleText.includes(key.toLowerCase()) ? 0.5 : 0)
        if (score > titleScore + 0.01 && (inTitle[i] ?? 0) >= 0.5) {
          titleScore = score
          titleBlock = i
        }
      }
    }
    inDescription[i] = share(words, descriptionWords)
    inStatedDescription[i] = pairShare(words, descriptionPairs)
    if (block.words <= MAX_SAYING_WORDS) says[i] = textGroups(start)
    if (bodyPairs.size > 20) inStatedBody[i] = pairShare(words, bodyPairs)
    if (isProse(block.words, block.linkWords, block.lowercase, block.sentenceEnds)) proseBlocks++
  })
  keys.forEach((key, i) => {
    copies[i] = seen.get(key) ?? 1
  })
  const candidate = bestCandidate(outline)
  const roleCounts = { article: 0, form: 0, table: 0, list: 0, code: 0, quote: 0 }
  const countedRoles = Object.keys(roleCounts) as (keyof typeof roleCounts)[]
  for (const element of elements) {
    if (element.roles !== 0) for (const role of countedRoles) roleCounts[role] += hasRole(element.roles, role)
  }
  return {
    outline,
    structure,
    clues,
    words: structure.words[end] ?? 0,
    linkWords: structure.linkWords[end] ?? 0,
    proseWords: structure.proseWords[end] ?? 0,
    proseBlocks,
    headings,
    prices,
    dates,
    titleBlock,
    candidate,
    proseHalf: smallestWith(outline, structure, 0.5),
    proseMost: smallestWith(outline, structure, 0.9),
    headingBefore,
    climb: climbs(outline, candidate),
    copies,
    copiesBefore,
    says,
    inTitle,
    inDescription,
    inStatedDescription,
    inStatedBody,
    roleCounts,
  }
}

function share(words: string[], set: Set<string>): number {
  if (words.length === 0 || set.size === 0) return 0
  let shared = 0
  for (const word of words) if (set.has(word)) shared++
  return shared / words.length
}

/** Two words in a row: single words of a long text are everywhere. */
function pairs(text: string): Set<string> {
  const words = wordsOf(text.slice(0, 200_000))
  return new Set(words.slice(1).map((word, i) => `${words[i]} ${word}`))
}

function pairShare(words: string[], known: Set<string>): number {
  if (words.length < 2 || known.size === 0) return 0
  let shared = 0
  for (let i = 1; i < words.length; i++) if (known.has(`${words[i - 1]} ${words[i]}`)) shared++
  return shared / (words.length - 1)
}

/** Longer texts mention anything; only short ones are labels. */
const MAX_SAYING_WORDS = 12
const textPatterns = Object.values(TEXT_GROUPS)

function textGroups(text: string): number {
  let bits = 0
  textPatterns.forEach((pattern, bit) => {
    if (pattern.test(text)) bits |= 1 << bit
  })
  return bits
}

/** 1 to 6 for a block in a heading, 0 otherwise. The heading may be up to three levels above the text. */
function headingTag(elements: OutlineElement[], index: number): number {
  let at = index
  for (let step = 0; step < 4 && at >= 0; step++) {
    const element = elements[at] as OutlineElement
    if (HEADING.test(element.tag)) return Number(element.tag[1])
    at = element.parent
  }
  return 0
}

/** Prose lends its weight to the six elements above it, each half as much as the one below. */
function bestCandidate({ elements, blocks }: Outline): number {
  const scores = new Float64Array(elements.length)
  for (const block of blocks) {
    if (!isProse(block.words, block.linkWords, block.lowercase, block.sentenceEnds)) continue
    let at = (elements[block.element] as OutlineElement).container
    let weight = block.words + 5 * block.commas
    for (let step = 0; step < 6 && at >= 0; step++) {
      scores[at] = (scores[at] ?? 0) + weight
      if (step > 0) weight *= 0.6
      at = (elements[at] as OutlineElement).parent
    }
  }
  let best = -1
  for (let i = 0; i < scores.length; i++) if ((scores[i] ?? 0) > (best < 0 ? 0 : (scores[best] ?? 0))) best = i
  return best
}

function smallestWith({ elements }: Outline, { proseWords }: Structure, part: number): number {
  const total = proseWords[proseWords.length - 1] ?? 0
  if (total === 0) return -1
  let best = -1
  let bestDepth = -1
  elements.forEach((element, i) => {
    const inside = (proseWords[element.endBlock] ?? 0) - (proseWords[element.firstBlock] ?? 0)
    if (inside >= part * total && element.depth > bestDepth) {
      best = i
      bestDepth = element.depth
    }
  })
  return best
}

function climbs({ elements, blocks }: Outline, candidate: number): Int32Array {
  const climb = new Int32Array(blocks.length).fill(99)
  let first = -1
  let last = -1
  let level = 0
  for (let at = candidate; at >= 0; at = (elements[at] as OutlineElement).parent) {
    const element = elements[at] as OutlineElement
    if (first < 0) {
      first = element.firstBlock
      last = element.endBlock
      climb.fill(level, first, last)
    } else {
      climb.fill(level, element.firstBlock, first)
      climb.fill(level, last, element.endBlock)
      first = element.firstBlock
      last = element.endBlock
    }
    level++
  }
  return climb
}

// ---- the page ------------------------------------------------------------------------------------------------------

const matches = (pattern: RegExp, text: string): number => (pattern.test(text) ? 1 : 0)
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)
const log = (value: number): number => Math.log1p(Math.max(0, value))

function hasType(page: PageView, pattern: RegExp): number {
  for (const type of page.clues.types) if (pattern.test(type)) return 1
  return 0
}

const PATH = {
  forum: /forum|thread|topic|question|discussion|community|\/t\/|viewtopic|\/r\/|comments?\//i,
  product: /\/products?\/|\/dp\/|\/p\/|\/item|\/shop\/|\/pd\/|\/buy|\/store\/|-p-?\d+|\/ip\/|\/sku/i,
  documentation: /\/docs?\/|documentation|reference|manual|guide|\/api\/|tutorial|learn|\/help|kb\/|readthedocs|wiki/i,
  collection: /\/collections?|categor|\/c\/|\/shop\/?$|\/browse|\/b\/|\/tag\/|\/s\/|search|\/cat\//i,
  article: /blog|news|article|story|stories|\/20\d\d\/|post|magazine|press/i,
  service: /service|solution|pricing|about|features?|platform|contact|industr|compan/i,
  listing: /list|jobs?\b|directory|events?\b|ranking|top-|best-|index|archive|all\b/i,
} as const

export const PAGE_FEATURES: Record<string, (page: PageView) => number> = {
  words: (p) => log(p.words),
  blocks: (p) => log(p.outline.blocks.length),
  linkDensity: (p) => ratio(p.linkWords, p.words),
  proseShare: (p) => ratio(p.proseWords, p.words),
  proseWords: (p) => log(p.proseWords),
  proseBlockWords: (p) => ratio(p.proseWords, p.proseBlocks),
  headings: (p) => log(p.headings),
  priceShare: (p) => ratio(p.prices, p.outline.blocks.length),
  prices: (p) => log(p.prices),
  dateShare: (p) => ratio(p.dates, p.outline.blocks.length),
  dates: (p) => log(p.dates),
  articles: (p) => log(p.roleCounts.article),
  forms: (p) => log(p.roleCounts.form),
  tables: (p) => log(p.roleCounts.table),
  lists: (p) => log(p.roleCounts.list),
  codes: (p) => log(p.roleCounts.code),
  quotes: (p) => log(p.roleCounts.quote),
  candidateShare: (p) => subtree(p, p.candidate, p.structure.words) / Math.max(1, p.words),
  candidateProse: (p) => subtree(p, p.candidate, p.structure.proseWords) / Math.max(1, p.proseWords),
  candidateDepth: (p) => p.outline.elements[p.candidate]?.depth ?? -1,
  titleWords: (p) => wordsOf(p.clues.title).length,
  descriptionWords: (p) => wordsOf(p.clues.description).length,
  hasStatedBody: (p) => (p.clues.statedBody.length > 300 ? 1 : 0),
  ogArticle: (p) => matches(/article|blog|news/, p.clues.openGraphType),
  ogProduct: (p) => matches(/product|item/, p.clues.openGraphType),
  ogWebsite: (p) => matches(/website/, p.clues.openGraphType),
  ldArticle: (p) => hasType(p, /article|posting|report|recipe|howto/),
  ldProduct: (p) => hasType(p, /^product|offer|productgroup/),
  ldForum: (p) => hasType(p, /discussionforum|qapage|^question$|comment/),
  ldList: (p) => hasType(p, /itemlist|collectionpage|searchresult/),
  ldBusiness: (p) => hasType(p, /business|service|organization|corporation/),
  ldFaq: (p) => hasType(p, /faqpage/),
  pathDepth: (p) => p.clues.path.split('/').filter(Boolean).length,
  pathHyphens: (p) => (p.clues.path.split('/').filter(Boolean).pop() ?? '').split(/[-_]/).length,
  pathDigits: (p) => (p.clues.path.match(/\d/g) ?? []).length,
  hasQuery: (p) => (p.clues.query === '' ? 0 : 1),
  isRoot: (p) => (p.clues.path === '/' || p.clues.path === '' ? 1 : 0),
  ...Object.fromEntries(
    Object.entries(PATH).map(([type, pattern]) => [
      `path_${type}`,
      (p: PageView) =>
        matches(pattern, p.clues.path) ||
        (type !== 'listing' && type !== 'article' ? matches(pattern, `/${p.clues.host.split('.')[0]}/`) : 0),
    ]),
  ),
}

function subtree(page: PageView, index: number, sums: Float64Array): number {
  const element = page.outline.elements[index]
  return element === undefined ? 0 : (sums[element.endBlock] ?? 0) - (sums[element.firstBlock] ?? 0)
}

// ---- the block -----------------------------------------------------------------------------------------------------

/** One block with everything around it looked up once. */
interface BlockView {
  page: PageView
  index: number
  block: Block
  leaf: OutlineElement
  leafIndex: number
  container: OutlineElement
  containerIndex: number
  previous: Block | undefined
  next: Block | undefined
  heading: Block | undefined
  headingLevel: number
  start: string
}

const TAG_CLASS: Record<string, number> = {
  p: 1,
  li: 2,
  h1: 3,
  h2: 4,
  h3: 5,
  h4: 6,
  h5: 7,
  h6: 8,
  td: 9,
  th: 10,
  dt: 11,
  dd: 12,
  pre: 13,
  blockquote: 14,
  figcaption: 15,
  button: 16,
  a: 17,
  span: 18,
  div: 19,
  label: 20,
  section: 21,
  summary: 22,
  caption: 23,
  address: 24,
}

const density = (block: Block | undefined): number => (block === undefined ? -1 : ratio(block.linkWords, block.words))
const size = (block: Block | undefined): number => (block === undefined ? -1 : log(block.words))

/** Statistics of the region an element spans. */
function region(name: string, of: (b: BlockView) => number): Record<string, (b: BlockView) => number> {
  const get = (b: BlockView): OutlineElement | undefined => b.page.outline.elements[of(b)]
  return {
    [`${name}_share`]: (b) => ratio(subtree(b.page, of(b), b.page.structure.words), b.page.words),
    [`${name}_links`]: (b) =>
      ratio(subtree(b.page, of(b), b.page.structure.linkWords), subtree(b.page, of(b), b.page.structure.words)),
    [`${name}_prose`]: (b) =>
      ratio(subtree(b.page, of(b), b.page.structure.proseWords), subtree(b.page, of(b), b.page.structure.words)),
    [`${name}_blockWords`]: (b) => {
      const element = get(b)
      return element === undefined
        ? -1
        : ratio(subtree(b.page, of(b), b.page.structure.words), element.endBlock - element.firstBlock)
    },
    [`${name}_sentences`]: (b) =>
      ratio(subtree(b.page, of(b), b.page.structure.sentences), subtree(b.page, of(b), b.page.structure.words)),
    [`${name}_start`]: (b) => {
      const element = get(b)
      return element === undefined ? -1 : ratio(b.page.structure.words[element.firstBlock] ?? 0, b.page.words)
    },
  }
}

const roleFeatures: Role[] = [
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
]
const nameBit = (bits: number, group: NameGroup): number => (bits >> NAME_GROUP_NAMES.indexOf(group)) & 1
const elementRoles = (b: BlockView): number => b.page.structure.rolesAbove[b.leafIndex] ?? 0

export const BLOCK_FEATURES: Record<string, (b: BlockView) => number> = {
  // The text itself.
  words: (b) => log(b.block.words),
  chars: (b) => log(b.block.chars),
  wordLength: (b) => ratio(b.block.wordChars, b.block.words),
  linkDensity: (b) => ratio(b.block.linkWords, b.block.words),
  links: (b) => log(b.block.links),
  digits: (b) => ratio(b.block.digits, b.block.chars),
  capitalised: (b) => ratio(b.block.capitalised, b.block.words),
  lowercase: (b) => ratio(b.block.lowercase, b.block.words),
  commas: (b) => ratio(b.block.commas, b.block.words),
  sentences: (b) => log(b.block.sentenceEnds),
  sentenceLength: (b) => ratio(b.block.words, b.block.sentenceEnds),
  separators: (b) => log(b.block.separators),
  endsSentence: (b) => matches(/[.!?。…:]["'”’)\]]*\s*$/, b.block.text.slice(-20)),
  price: (b) => (b.block.words <= 40 ? matches(PRICE_HINTS, b.start) : 0),
  date: (b) => (b.block.words <= 40 ? matches(DATE_HINTS, b.start) : 0),
  legal: (b) => (b.block.words <= 60 ? matches(LEGAL_HINTS, b.start) : 0),
  copiesBefore: (b) => log(b.page.copiesBefore[b.index] ?? 0),
  copies: (b) => log(b.page.copies[b.index] ?? 1),
  inTitle: (b) => b.page.inTitle[b.index] ?? 0,
  inDescription: (b) => b.page.inDescription[b.index] ?? 0,
  inStatedDescription: (b) => b.page.inStatedDescription[b.index] ?? 0,
  inStatedBody: (b) => b.page.inStatedBody[b.index] ?? 0,
  ...Object.fromEntries(
    Object.keys(TEXT_GROUPS).map((group, bit) => [
      `says_${group}`,
      (b: BlockView) => ((b.page.says[b.index] ?? 0) >> bit) & 1,
    ]),
  ),
  // Where it is.
  tag: (b) => TAG_CLASS[b.leaf.tag] ?? 0,
  containerTag: (b) => TAG_CLASS[b.container.tag] ?? 0,
  ownHeading: (b) => headingTag(b.page.outline.elements, b.leafIndex),
  depth: (b) => b.leaf.depth,
  position: (b) => ratio(b.page.structure.words[b.index] ?? 0, b.page.words),
  blockPosition: (b) => ratio(b.index, b.page.outline.blocks.length),
  wordsLeft: (b) => log(b.page.words - (b.page.structure.words[b.index] ?? 0)),
  wordsBefore: (b) => log(b.page.structure.words[b.index] ?? 0),
  afterTitle: (b) => (b.page.titleBlock < 0 ? 0 : Math.sign(b.index - b.page.titleBlock)),
  wordsFromTitle: (b) => {
    if (b.page.titleBlock < 0) return -1
    const { words } = b.page.structure
    return log(Math.abs((words[b.index] ?? 0) - (words[b.page.titleBlock] ?? 0)))
  },
  climb: (b) => b.page.climb[b.index] ?? 99,
  inProseHalf: (b) => inside(b, b.page.proseHalf),
  inProseMost: (b) => inside(b, b.page.proseMost),
  beforeCandidate: (b) => (b.index < (b.page.outline.elements[b.page.candidate]?.firstBlock ?? 0) ? 1 : 0),
  // What surrounds it.
  previousWords: (b) => size(b.previous),
  previousLinks: (b) => density(b.previous),
  nextWords: (b) => size(b.next),
  nextLinks: (b) => density(b.next),
  nearWords: (b) => window(b, b.page.structure.words, 3) / 7,
  nearLinks: (b) => ratio(window(b, b.page.structure.linkWords, 3), window(b, b.page.structure.words, 3)),
  nearProse: (b) => ratio(window(b, b.page.structure.proseWords, 3), window(b, b.page.structure.words, 3)),
  wideLinks: (b) => ratio(window(b, b.page.structure.linkWords, 12), window(b, b.page.structure.words, 12)),
  wideProse: (b) => ratio(window(b, b.page.structure.proseWords, 12), window(b, b.page.structure.words, 12)),
  // The heading it stands under.
  headingLevel: (b) => b.headingLevel,
  headingWords: (b) => size(b.heading),
  ...Object.fromEntries(
    Object.keys(TEXT_GROUPS).map((group, bit) => [
      `under_${group}`,
      (b: BlockView) => ((b.page.says[b.page.headingBefore[b.index] ?? -1] ?? 0) >> bit) & 1,
    ]),
  ),
  wordsSinceHeading: (b) => {
    const at = b.page.headingBefore[b.index] ?? -1
    return at < 0 ? -1 : log((b.page.structure.words[b.index] ?? 0) - (b.page.structure.words[at] ?? 0))
  },
  // What repeats around it.
  alike: (b) => log(b.page.structure.alike[b.leafIndex] ?? 1),
  containerAlike: (b) => log(b.page.structure.alike[b.containerIndex] ?? 1),
  itemAlike: (b) => log(b.page.structure.alike[b.page.structure.item[b.leafIndex] ?? -1] ?? 0),
  innerItemAlike: (b) => log(b.page.structure.alike[b.page.structure.innerItem[b.leafIndex] ?? -1] ?? 0),
  ...region('item', (b) => b.page.structure.item[b.leafIndex] ?? -1),
  ...region('innerItem', (b) => b.page.structure.innerItem[b.leafIndex] ?? -1),
  ...region('container', (b) => b.containerIndex),
  ...region('parent', (b) => b.container.parent),
  ...region('grand', (b) => b.page.outline.elements[b.container.parent]?.parent ?? -1),
  ...region('half', (b) => b.page.structure.half[b.leafIndex] ?? -1),
  ...region('landmark', (b) => b.page.structure.landmark[b.leafIndex] ?? -1),
  ...region('tenth', (b) => b.page.structure.tenth[b.leafIndex] ?? -1),
  ...Object.fromEntries(roleFeatures.map((role) => [`in_${role}`, (b: BlockView) => hasRole(elementRoles(b), role)])),
  ...Object.fromEntries(
    NAME_GROUP_NAMES.map((group) => [
      `named_${group}`,
      // 2 close by, 1 further up, 0 nowhere.
      (b: BlockView) =>
        nameBit(b.page.structure.namesAbove[b.leafIndex] ?? 0, group) +
        nameBit(b.page.structure.namesNear[b.leafIndex] ?? 0, group),
    ]),
  ),
}

function inside(b: BlockView, index: number): number {
  const element = b.page.outline.elements[index]
  return element !== undefined && b.index >= element.firstBlock && b.index < element.endBlock ? 1 : 0
}

function window(b: BlockView, sums: Float64Array, radius: number): number {
  return (sums[Math.min(sums.length - 1, b.index + radius + 1)] ?? 0) - (sums[Math.max(0, b.index - radius)] ?? 0)
}

export const PAGE_FEATURE_NAMES = Object.keys(PAGE_FEATURES)
export const BLOCK_FEATURE_NAMES = Object.keys(BLOCK_FEATURES)
const pageFunctions = Object.values(PAGE_FEATURES)
const blockFunctions = Object.values(BLOCK_FEATURES)

export function pageFeatures(page: PageView): Float32Array {
  return Float32Array.from(pageFunctions, (feature) => feature(page))
}

/** One row of `BLOCK_FEATURE_NAMES` per block, laid end to end. */
export function blockFeatures(page: PageView): Float32Array {
  const { elements, blocks } = page.outline
  const size = blockFunctions.length
  const rows = new Float32Array(blocks.length * size)
  blocks.forEach((block, index) => {
    const leaf = elements[block.element] as OutlineElement
    const headingIndex = page.headingBefore[index] ?? -1
    const heading = blocks[headingIndex]
    const view: BlockView = {
      page,
      index,
      block,
      leaf,
      leafIndex: block.element,
      container: elements[leaf.container] as OutlineElement,
      containerIndex: leaf.container,
      previous: blocks[index - 1],
      next: blocks[index + 1],
      heading,
      headingLevel: heading === undefined ? 0 : headingTag(elements, heading.element),
      start: block.text.slice(0, 400),
    }
    for (let f = 0; f < size; f++) rows[index * size + f] = (blockFunctions[f] as (b: BlockView) => number)(view)
  })
  return rows
}

/** The part of the page that the second look needs. */
export function contextShape(page: PageView): ContextShape {
  const { elements, blocks } = page.outline
  const { path, item, innerItem, half, tenth } = page.structure
  return {
    words: Int32Array.from(blocks, (block) => block.words),
    block: Int32Array.from(blocks, (block) => block.element),
    headingBefore: page.headingBefore,
    parent: Int32Array.from(elements, (element) => element.parent),
    container: Int32Array.from(elements, (element) => element.container),
    first: Int32Array.from(elements, (element) => element.firstBlock),
    end: Int32Array.from(elements, (element) => element.endBlock),
    path,
    item,
    innerItem,
    half,
    tenth,
  }
}
