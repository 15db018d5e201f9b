/**
 * Plain text → Markdown that reads back as that text, with a backslash only where CommonMark or GFM would otherwise see markup.
 *
 * What depends on the rest of the block (a partner for `_`, maths beside a price) is asked once per block.
 */

export interface Surroundings {
  /** Whether an underscore, or a tilde, in this block has a partner it could pair with. */
  readonly underscores: boolean
  readonly tildes: boolean
  /** Whether the block holds `$…$`, so that a price must not open another. */
  readonly maths: boolean
  readonly inTable: boolean
}

const PUNCTUATION = /[\p{P}\p{S}]/u
const SPACE = /\s/
/** Nothing else needs an escape anywhere but at the start of a line: the quick way out for most text. */
const SPECIAL = /[\\`*_~[\]<&$|!]/
const ENTITY = /^&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});/
const BLOCK_START = /^(?:#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|(?:[-_*]\s*){3,}$|[-=]+\s*$|~~~|\|?\s*:?-+:?\s*\||\[[^\]]*\]:)/
const ORDERED_START = /^(\d{1,9})[.)](?=\s|$)/

export function surroundings(blockText: string, maths: boolean, inTable: boolean): Surroundings {
  return { underscores: hasPair(blockText, '_'), tildes: hasPair(blockText, '~'), maths, inTable }
}

/**
 * @param before the character before `text` on its line ('' at the start of a line)
 * @param after the character that will follow it ('' at the end)
 * @param lineStart whether block syntax could begin here
 */
export function escapeText(
  text: string,
  where: Surroundings,
  before: string,
  after: string,
  lineStart: boolean,
): string {
  const ordered = lineStart ? ORDERED_START.exec(text) : null
  if (ordered?.[1] !== undefined) {
    const digits = ordered[1].length
    return `${ordered[1]}\\${escapeInline(text.slice(digits), where, '1', after)}`
  }
  const inline = escapeInline(text, where, before, after)
  return lineStart && BLOCK_START.test(text) && !inline.startsWith('\\') ? `\\${inline}` : inline
}

function escapeInline(text: string, where: Surroundings, before: string, after: string): string {
  if (!SPECIAL.test(text)) return text
  const brackets = unsafeBrackets(text, after)
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    const previous = i > 0 ? (text[i - 1] as string) : before
    const next = i + 1 < text.length ? (text[i + 1] as string) : after
    if (!needsEscape(char, previous, next, i, text, where, brackets)) out += char
    // What looks like a tag stays harmless even where somebody takes the Markdown for HTML.
    else out += char === '<' ? '&lt;' : `\\${char}`
  }
  return out
}

function needsEscape(
  char: string,
  previous: string,
  next: string,
  index: number,
  text: string,
  where: Surroundings,
  brackets: ReadonlySet<number>,
): boolean {
  switch (char) {
    case '\\':
      return next === '' || isPunctuation(next)
    case '`':
      return true
    case '*':
      return flanks(previous, next)
    case '_':
      return where.underscores && flanks(previous, next) && !(isWord(previous) && isWord(next))
    case '~':
      return where.tildes && flanks(previous, next)
    case '[':
    case ']':
      return brackets.has(index)
    case '<':
      return /[A-Za-z/!?]/.test(next)
    case '&':
      return ENTITY.test(text.slice(index, index + 34))
    case '$':
      return where.maths
    case '|':
      return where.inTable
    case '!':
      // A link right after it would become an image.
      return index === text.length - 1 && next === '['
    default:
      return false
  }
}

/** Without reference definitions a bracket pair is only text, unless `(` follows, it looks like a note or a task, or it is half. */
function unsafeBrackets(text: string, after: string): ReadonlySet<number> {
  const unsafe = new Set<number>()
  const open: number[] = []
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '[') open.push(i)
    else if (text[i] === ']') {
      const start = open.pop()
      const next = i + 1 < text.length ? text[i + 1] : after
      const isNote = start !== undefined && text[start + 1] === '^'
      const isTask = start === 0 && i === 2 && ' xX'.includes(text[1] as string)
      if (start === undefined || next === '(' || isNote || isTask) {
        unsafe.add(i)
        if (start !== undefined) unsafe.add(start)
      }
    }
  }
  for (const start of open) unsafe.add(start)
  return unsafe
}

/** Could a delimiter run between these two open or close emphasis? */
function flanks(previous: string, next: string): boolean {
  return !((previous === '' || SPACE.test(previous)) && (next === '' || SPACE.test(next)))
}

/** A delimiter opens only with a partner that can close it further on. */
function hasPair(text: string, delimiter: '_' | '~'): boolean {
  let opened = false
  for (let i = text.indexOf(delimiter); i >= 0; i = text.indexOf(delimiter, i + 1)) {
    const previous = i > 0 ? (text[i - 1] as string) : ''
    const next = text[i + 1] ?? ''
    if (previous === delimiter) continue
    let end = i + 1
    while (text[end] === delimiter) end++
    const following = text[end] ?? ''
    if (delimiter === '_' && isWord(previous) && isWord(following)) continue
    const opens = following !== '' && !SPACE.test(following)
    const closes = previous !== '' && !SPACE.test(previous)
    if (opened && closes) return true
    opened ||= opens
    if (next === '') break
  }
  return false
}

export function isPunctuation(char: string): boolean {
  return char !== '' && PUNCTUATION.test(char)
}

export function isSpace(char: string): boolean {
  return char === '' || SPACE.test(char)
}

function isWord(char: string): boolean {
  return char !== '' && !SPACE.test(char) && !PUNCTUATION.test(char)
}
