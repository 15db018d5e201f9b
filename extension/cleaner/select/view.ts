/**
 * The page as the models see it: outline, structure and clues, and what only all of them together say: where the title
 * stands, which texts repeat, which are announced by the page's own description, where an article would be.
 *
 * Words are compared as numbers throughout: nothing here looks at a letter twice.
 */
import type { Clues } from './clues'
import type { Block, Outline, OutlineElement } from './outline'
import { isProse, type Structure } from './structure'
import { type Templates, templates } from './templates'
import { DATE_HINTS, PRICE_HINTS, TEXT_GROUP_NAMES, textGroups } from './vocabulary'
import { pairOf, type WordList, wordList } from './words'

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
  blocks: BlockFacts
  templates: Templates
}

/** Lists with one entry per block. */
export interface BlockFacts {
  /** 1 to 6 for a block in a heading, 0 otherwise. */
  heading: Uint8Array
  /** Index of the last heading before it, -1 if none. */
  headingBefore: Int32Array
  /** In the subtree of the candidate 0, of its parent 1, and so on; 99 beside all of them. */
  climb: Int32Array
  /** How often the same text is on the page, and how often it came before. */
  copies: Int32Array
  copiesBefore: Int32Array
  /** Which groups of `TEXT_GROUPS` its text is in, as bits; 0 for long texts. */
  says: Int32Array
  /** 1 if it is short and names a price, a date. */
  hasPrice: Uint8Array
  hasDate: Uint8Array
  /** Share of its words in the title, description and body the page states. */
  inTitle: Float64Array
  inDescription: Float64Array
  inStatedDescription: Float64Array
  inStatedBody: Float64Array
  /** Prefix sums of `hasPrice` and `hasDate`. */
  pricesBefore: Int32Array
  datesBefore: Int32Array
}

const LEGAL = 1 << TEXT_GROUP_NAMES.indexOf('legal')

/** Longer texts mention anything; only short ones are labels, prices and dates. */
const MAX_LABEL_WORDS = 12
const MAX_NOTICE_WORDS = 60
const MAX_LINE_WORDS = 40
/** A longer text is no part of a description, and comparing it takes time. */
const MAX_COMPARED_WORDS = 400
/** Fewer pairs are no body that a text could be taken from. */
const MIN_BODY_PAIRS = 20

export function view(outline: Outline, structure: Structure, clues: Clues): PageView {
  const end = outline.blocks.length
  const candidate = bestCandidate(outline)
  const blocks = blockFacts(outline, structure, clues, candidate)
  return {
    outline,
    structure,
    clues,
    words: structure.words[end] ?? 0,
    linkWords: structure.linkWords[end] ?? 0,
    proseWords: structure.proseWords[end] ?? 0,
    proseBlocks: count(outline.blocks, (block) => isProse(block)),
    headings: count(blocks.heading, (level) => level > 0),
    prices: count(blocks.hasPrice, (has) => has === 1),
    dates: count(blocks.hasDate, (has) => has === 1),
    titleBlock: findTitle(outline, clues, blocks),
    candidate,
    proseHalf: smallestWith(outline, structure, 0.5),
    proseMost: smallestWith(outline, structure, 0.9),
    blocks,
    templates: templates(outline, structure, blocks.hasPrice, blocks.hasDate),
  }
}

function count<T>(list: Iterable<T>, is: (entry: T) => boolean): number {
  let found = 0
  for (const entry of list) if (is(entry)) found++
  return found
}

function blockFacts(outline: Outline, { words: before }: Structure, clues: Clues, candidate: number): BlockFacts {
  const { blocks, elements, words } = outline
  const end = blocks.length
  const facts: BlockFacts = {
    heading: Uint8Array.from(blocks, (block) => headingLevel(elements, block.element)),
    headingBefore: new Int32Array(end).fill(-1),
    climb: climbs(outline, candidate),
    ...copies(outline, before),
    says: new Int32Array(end),
    hasPrice: new Uint8Array(end),
    hasDate: new Uint8Array(end),
    inTitle: new Float64Array(end),
    inDescription: new Float64Array(end),
    inStatedDescription: new Float64Array(end),
    inStatedBody: new Float64Array(end),
    pricesBefore: new Int32Array(end + 1),
    datesBefore: new Int32Array(end + 1),
  }
  const title = setOf(wordList(clues.title))
  const description = setOf(wordList(clues.description || clues.statedDescription))
  const stated = pairsOf(wordList(clues.statedDescription))
  const body = pairsOf(wordList(clues.statedBody.slice(0, 200_000)))
  let heading = -1
  blocks.forEach((block, i) => {
    facts.headingBefore[i] = heading
    if (facts.heading[i] !== 0) heading = i
    const first = before[i] ?? 0
    const last = first + block.words
    if (block.words <= MAX_NOTICE_WORDS) facts.says[i] = says(block, words, first, last)
    if (block.words <= MAX_LINE_WORDS) {
      // Without a digit there is neither a price nor a date.
      const start = block.digits > 0 ? block.text.slice(0, 2000) : ''
      if (start !== '' && PRICE_HINTS.test(start)) facts.hasPrice[i] = 1
      if (start !== '' && DATE_HINTS.test(start)) facts.hasDate[i] = 1
      facts.inTitle[i] = share(words, first, last, title)
    }
    facts.pricesBefore[i + 1] = (facts.pricesBefore[i] as number) + (facts.hasPrice[i] as number)
    facts.datesBefore[i + 1] = (facts.datesBefore[i] as number) + (facts.hasDate[i] as number)
    if (block.words > MAX_COMPARED_WORDS) return
    facts.inDescription[i] = share(words, first, last, description)
    facts.inStatedDescription[i] = pairShare(words, first, last, stated)
    if (body.size > MIN_BODY_PAIRS) facts.inStatedBody[i] = pairShare(words, first, last, body)
  })
  return facts
}

// ---- what texts say ------------------------------------------------------------------------------------------------

function says(block: Block, words: WordList, first: number, end: number): number {
  const groups = textGroups(words, first, end) | (block.text.includes('©') ? LEGAL : 0)
  return block.words <= MAX_LABEL_WORDS ? groups : groups & LEGAL
}

function setOf(words: WordList): Set<number> {
  const set = new Set<number>()
  for (let i = 0; i < words.length; i++) set.add(words.at(i))
  return set
}

/** Two words in a row: single words of a long text are everywhere. */
function pairsOf(words: WordList): Set<number> {
  const pairs = new Set<number>()
  for (let i = 1; i < words.length; i++) pairs.add(pairOf(words.at(i - 1), words.at(i)))
  return pairs
}

function share(words: WordList, first: number, end: number, known: Set<number>): number {
  if (end <= first || known.size === 0) return 0
  let shared = 0
  for (let i = first; i < end; i++) if (known.has(words.at(i))) shared++
  return shared / (end - first)
}

function pairShare(words: WordList, first: number, end: number, known: Set<number>): number {
  if (end - first < 2 || known.size === 0) return 0
  let shared = 0
  for (let i = first + 1; i < end; i++) if (known.has(pairOf(words.at(i - 1), words.at(i)))) shared++
  return shared / (end - first - 1)
}

/** Texts are the same when they begin with the same words and have as many. */
const MAX_COPY_WORDS = 40

function copies({ blocks, words }: Outline, before: Float64Array): Pick<BlockFacts, 'copies' | 'copiesBefore'> {
  const seen = new Map<number | string, number>()
  const keys = blocks.map((block, i) => {
    if (block.words === 0) return block.text.trim().slice(0, 200)
    const first = before[i] ?? 0
    let key = block.words
    for (let at = first; at < first + Math.min(block.words, MAX_COPY_WORDS); at++) key = pairOf(key, words.at(at))
    return key
  })
  const copiesBefore = Int32Array.from(keys, (key) => {
    const times = seen.get(key) ?? 0
    seen.set(key, times + 1)
    return times
  })
  return { copies: Int32Array.from(keys, (key) => seen.get(key) ?? 1), copiesBefore }
}

/** The first of the headings that share the most with the page's title. */
function findTitle({ blocks }: Outline, clues: Clues, { heading, inTitle }: BlockFacts): number {
  const title = clues.title.toLowerCase()
  let best = -1
  let bestScore = 0
  blocks.forEach((block, i) => {
    const shared = inTitle[i] ?? 0
    if (heading[i] === 0 || block.words === 0 || shared < 0.5) return
    const isWhole = title.includes(block.text.trim().slice(0, 200).toLowerCase())
    const score = shared * (heading[i] === 1 ? 1.5 : 1) * Math.min(1, block.words / 3) + (isWhole ? 0.5 : 0)
    if (score > bestScore + 0.01) {
      bestScore = score
      best = i
    }
  })
  return best
}

// ---- where things are ----------------------------------------------------------------------------------------------

/** The heading may be up to three levels above the text. */
function headingLevel(elements: OutlineElement[], index: number): number {
  let at = index
  for (let step = 0; step < 4 && at >= 0; step++) {
    const element = elements[at] as OutlineElement
    if (element.heading > 0) return element.heading
    at = element.parent
  }
  return 0
}

/** Prose lends its weight to the six elements above it, each half as much as the one below. */
function bestCandidate({ elements, blocks }: Outline): number {
  const scores = new Float64Array(elements.length)
  for (const block of blocks) {
    if (!isProse(block)) continue
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
