/**
 * What an AI answer kept of its page, and what it made up: the twin of promptready/fidelity.py, where the definition is
 * written out. tests/vectors/fidelity.json holds both to one reading. Here each finding also has its place.
 */

import { type Found, type Place, type Reading, readText } from './reading'

export interface Tally {
  /** How many the page has. */
  total: number
  /** How many of those the answer kept. */
  kept: number
  /** How many the answer has beyond them. */
  extra: number
}

/** One thing that is not as on the page. */
export interface Finding {
  kind: 'number' | 'link' | 'code' | 'heading'
  /** `invented` and `altered` are found in the answer, `lost` in the source. */
  what: 'invented' | 'altered' | 'lost'
  /** The text from `start` to `end` of the answer, or of the source if it is lost. Of code, the first line concerned. */
  quote: string
  start: number
  end: number
  /** What the source has in the place of something altered. */
  was?: string
}

export interface Verification {
  words: Tally
  numbers: Tally
  links: Tally
  code: Tally
  rows: Tally
  headings: Tally
  /** From 0 (nothing kept) to 1 (everything kept and nothing added). */
  score: number
  /** In the order of the answer, then what was lost, in the order of the source. */
  findings: Finding[]
}

export function verify(source: string, answer: string): Verification {
  const page = readText(source)
  const reply = readText(answer)
  const tallies = {
    words: tally(page.words, reply.words),
    numbers: tally(keys(page.numbers), keys(reply.numbers)),
    links: tally(new Set(keys(page.links)), new Set(keys(reply.links))),
    code: tally(keys(page.code), keys(reply.code)),
    rows: tally(page.rows, reply.rows),
    headings: tally(keys(page.headings), keys(reply.headings)),
  }
  return { ...tallies, score: score(tallies), findings: findings(page, reply) }
}

type Tallies = Omit<Verification, 'score' | 'findings'>

function keys(found: readonly Found[]): string[] {
  return found.map(({ key }) => key)
}

function tally(source: Iterable<string>, answer: Iterable<string>): Tally {
  const left = new Map<string, number>()
  let total = 0
  for (const key of source) {
    left.set(key, (left.get(key) ?? 0) + 1)
    total += 1
  }
  let kept = 0
  let extra = 0
  for (const key of answer) {
    const count = left.get(key) ?? 0
    if (count > 0) {
      left.set(key, count - 1)
      kept += 1
    } else {
      extra += 1
    }
  }
  return { total, kept, extra }
}

function score({ words, numbers, links, code, rows, headings }: Tallies): number {
  const weights: [Tally, number][] = [
    [words, 4],
    [numbers, 2],
    [links, 2],
    [code, 2],
    [rows, 2],
    [headings, 1],
  ]
  let weighted = 0
  let weightSum = 0
  for (const [{ total, kept }, weight] of weights) {
    if (total === 0) continue
    weighted += (weight * kept) / total
    weightSum += weight
  }
  const shared = words.kept + numbers.kept
  const own = share(shared, shared + words.extra + numbers.extra)
  const altered = Math.min(code.total - code.kept, code.extra)
  const trust = 10 / (10 + numbers.extra + altered + 2 * links.extra)
  return Math.floor(share(weighted, weightSum) * own * trust * 1e6 + 0.5) / 1e6
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 1
}

function findings(page: Reading, reply: Reading): Finding[] {
  const found = [...numberFindings(page, reply), ...linkFindings(page, reply), ...codeFindings(page, reply)]
  const headings = unmatched(page.headings, reply.headings).some
  found.push(...headings.map((heading) => finding(page, heading, 'heading', 'lost')))
  return found.sort(
    (one, other) => Number(one.what === 'lost') - Number(other.what === 'lost') || one.start - other.start,
  )
}

function numberFindings(page: Reading, reply: Reading): Finding[] {
  const { some, others } = uneven(page.numbers, reply.numbers)
  // Which of several equal numbers was changed shows in the word before it.
  const { some: lost, others: extra } = unmatched(some, others, ({ key, after }) => `${after()} ${key}`)
  // Said once more is not made up, and said once less is not lost, unless numbers took each other's places.
  const onPage = new Set(extra.length > 0 && lost.length > 0 ? [] : keys(page.numbers))
  const inReply = new Set(extra.length > 0 && lost.length > 0 ? [] : keys(reply.numbers))
  const altered = pair(lost, extra, ({ after }) => after() || null)
  return [
    ...altered.pairs.map(([was, is]) => ({ ...finding(reply, is, 'number', 'altered'), was: textOf(page, was) })),
    ...altered.others.filter(({ key }) => !onPage.has(key)).map((is) => finding(reply, is, 'number', 'invented')),
    ...altered.some.filter(({ key }) => !inReply.has(key)).map((was) => finding(page, was, 'number', 'lost')),
  ]
}

/** Those whose key one side has more often than the other. All else finds its partner, whichever that is. */
function uneven<T extends Found>(some: readonly T[], others: readonly T[]): { some: T[]; others: T[] } {
  const more = new Map<string, number>()
  for (const { key } of some) more.set(key, (more.get(key) ?? 0) + 1)
  for (const { key } of others) more.set(key, (more.get(key) ?? 0) - 1)
  const isUneven = ({ key }: T) => more.get(key) !== 0
  return { some: some.filter(isUneven), others: others.filter(isUneven) }
}

function linkFindings(page: Reading, reply: Reading): Finding[] {
  return [
    ...missingFrom(page.links, reply.links).map((link) => finding(reply, link, 'link', 'invented')),
    ...missingFrom(reply.links, page.links).map((link) => finding(page, link, 'link', 'lost')),
  ]
}

/** What of `found` the `others` don't have, each once. */
function missingFrom(others: readonly Found[], found: readonly Found[]): Found[] {
  const seen = new Set(keys(others))
  return found.filter(({ key }) => {
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

function codeFindings(page: Reading, reply: Reading): Finding[] {
  const { some: lost, others: extra } = unmatched(page.code, reply.code)
  // Blocks that differ in white space alone belong together, the rest in their order.
  const reflowed = pair(lost, extra, ({ key }) => key.replace(/\s+/g, ''))
  const rewritten = pair(reflowed.some, reflowed.others, () => '')
  return [
    ...[...reflowed.pairs, ...rewritten.pairs].map(([was, is]) => alteredCode(was, reply, is)),
    ...rewritten.some.map((was) => finding(page, lineOf(page, was, firstLine(was)), 'code', 'lost')),
  ]
}

/** The first line of a block that is not as it was. */
function alteredCode(was: Found, reply: Reading, is: Found): Finding {
  const before = was.key.split('\n')
  const after = is.key.split('\n')
  const differs = after.findIndex((line, place) => line !== before[place])
  const place = differs < 0 ? after.length - 1 : differs
  return { ...finding(reply, lineOf(reply, is, place), 'code', 'altered'), was: before[place] ?? '' }
}

function firstLine({ key }: Found): number {
  return Math.max(
    0,
    key.split('\n').findIndex((line) => line.trim() !== ''),
  )
}

function lineOf(text: Reading, block: Found, place: number): Place {
  const lines = textOf(text, block).split('\n')
  const start = lines.slice(0, place).reduce((sum, line) => sum + line.length + 1, block.start)
  return { start, end: start + (lines[place]?.length ?? 0) }
}

function finding(text: Reading, place: Place, kind: Finding['kind'], what: Finding['what']): Finding {
  return { kind, what, quote: textOf(text, place), start: place.start, end: place.end }
}

function textOf({ text }: Reading, { start, end }: Place): string {
  return text.slice(start, end)
}

interface Paired<T> {
  pairs: [some: T, other: T][]
  /** What is left of each side. */
  some: T[]
  others: T[]
}

/** What is left of both sides once equal keys are taken away, those first that also agree in `finer`. */
function unmatched<T extends Found>(some: readonly T[], others: readonly T[], finer?: (one: T) => string): Paired<T> {
  const rest = finer ? pair(some, others, finer) : { some, others }
  return pair(rest.some, rest.others, ({ key }) => key)
}

/** Each of `some` with the first of `others` that has the same key and no partner yet; null has none. */
function pair<T extends Found>(some: readonly T[], others: readonly T[], keyOf: (one: T) => string | null): Paired<T> {
  const waiting = new Map<string | null, T[]>()
  for (const other of [...others].reverse()) {
    const key = keyOf(other)
    const same = waiting.get(key)
    if (same) same.push(other)
    else waiting.set(key, [other])
  }
  waiting.delete(null)
  const pairs: [T, T][] = []
  const left = some.filter((one) => {
    const other = waiting.get(keyOf(one))?.pop()
    if (other) pairs.push([one, other])
    return !other
  })
  const taken = new Set(pairs.map(([, other]) => other))
  return { pairs, some: left, others: others.filter((other) => !taken.has(other)) }
}
