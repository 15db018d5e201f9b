/**
 * What in a page looks private, and how to send the page without it: e-mail addresses, phone numbers, card numbers, and
 * keys, each known by its shape. On the device, with nothing but the text; tests/unit/private holds the corpus.
 *
 * `reveal(hide(markdown).text, …)` is `markdown`, byte for byte.
 */
import { cardNumbers } from './cards'
import { emailAddresses } from './emails'
import { secretKeys } from './keys'
import { phoneNumbers } from './phones'
import { digitsOf, flatten, type Span } from './plain'

export type PrivateKind = 'email' | 'phone' | 'card' | 'key'
/** How many different ones of each kind. */
export type PrivateCounts = Record<PrivateKind, number>

export interface Hidden {
  /** The text with a placeholder for everything private. */
  text: string
  /** By placeholder in lower case: what it stands for. */
  originals: Record<string, string>
}

interface Found extends Span {
  kind: PrivateKind
  /** Equal for two ways to write the same: with and without a country code, escaped and not. */
  same: string
}

/** In this order: an address or a number inside a key is part of the key. */
const DETECTORS: readonly [PrivateKind, (plain: string) => Span[], (found: string) => string][] = [
  ['key', secretKeys, (key) => key],
  ['email', emailAddresses, (address) => address.toLowerCase()],
  ['card', cardNumbers, digitsOf],
  ['phone', phoneNumbers, (number) => digitsOf(number).slice(-8)],
]

/** What `markdown` seems to hold, null where it seems to hold nothing private. */
export function privateCounts(markdown: string): PrivateCounts | null {
  const found = findAll(markdown)
  const count = (kind: PrivateKind) => new Set(found.filter((one) => one.kind === kind).map(({ same }) => same)).size
  return found.length === 0
    ? null
    : { email: count('email'), phone: count('phone'), card: count('card'), key: count('key') }
}

/** Whether everything private in `markdown` was in `before` too. */
export function holdsNothingNew(markdown: string, before: string): boolean {
  const known = new Set(findAll(before).map(({ kind, same }) => `${kind} ${same}`))
  return findAll(markdown).every(({ kind, same }) => known.has(`${kind} ${same}`))
}

/** The text to send in the place of `markdown`. What is written alike gets the same placeholder. */
export function hide(markdown: string): Hidden {
  const mark = unspelt(markdown)
  const placeholders = new Map<string, string>()
  const originals: Record<string, string> = {}
  const numbers: PrivateCounts = { email: 0, phone: 0, card: 0, key: 0 }
  let text = ''
  let done = 0
  for (const { kind, start, end } of findAll(markdown)) {
    const original = markdown.slice(start, end)
    let placeholder = placeholders.get(original)
    if (placeholder === undefined) {
      numbers[kind] += 1
      placeholder = `${mark}${kind[0]?.toUpperCase()}${kind.slice(1)}${numbers[kind]}`
      placeholders.set(original, placeholder)
      originals[placeholder.toLowerCase()] = original
    }
    text += markdown.slice(done, start) + placeholder
    done = end
  }
  return { text: text + markdown.slice(done), originals }
}

/** Puts back what `hide` took out. A placeholder that the model spelt in its own way is still known. */
export function reveal(text: string, originals: Hidden['originals']): string {
  return text.replace(PLACEHOLDER, (whole, more: string, kind: string, number: string) => {
    const placeholder = `hidden${more}${kind}${number}`.toLowerCase()
    return Object.hasOwn(originals, placeholder) ? (originals[placeholder] ?? whole) : whole
  })
}

/** Letters and digits alone: nothing that Markdown, an address or a model's typography would change. */
const BREAK = '[\\s_\\\\\\u2010-\\u2015-]{0,3}'
const PLACEHOLDER = new RegExp(`hidden(x*)${BREAK}(email|phone|card|key)${BREAK}(\\d{1,6})(?!\\d)`, 'gi')

/** A mark for placeholders that the page does not spell, so that nothing is "put back" that was never hidden. */
function unspelt(text: string): string {
  let longest = -1
  for (const [, more = ''] of text.matchAll(PLACEHOLDER)) longest = Math.max(longest, more.length)
  return `Hidden${'x'.repeat(longest + 1)}`
}

/** In the order of the text, without overlaps, in offsets of `markdown`. */
function findAll(markdown: string): Found[] {
  const { plain, originalAt } = flatten(markdown)
  const found: Found[] = []
  for (const [kind, detect, sameOf] of DETECTORS) {
    const others = detect(plain).map(({ start, end }) => ({ kind, start, end, same: sameOf(plain.slice(start, end)) }))
    found.push(...withoutOverlaps(others, found))
  }
  return found
    .sort((one, other) => one.start - other.start)
    .map(({ start, end, ...rest }) => ({ ...rest, start: originalAt(start), end: originalAt(end - 1) + 1 }))
}

function withoutOverlaps(candidates: readonly Found[], taken: readonly Found[]): Found[] {
  const sorted = [...taken].sort((one, other) => one.start - other.start)
  let next = 0
  return candidates.filter(({ start, end }) => {
    while ((sorted[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1
    return (sorted[next]?.start ?? Number.POSITIVE_INFINITY) >= end
  })
}
