/** What a Markdown text says, and where: links, numbers, words, code, headings and tables as promptready/fidelity.py defines them. */

export interface Place {
  start: number
  end: number
}

/** Something to compare by its key. */
export interface Found extends Place {
  key: string
}

export interface FoundNumber extends Found {
  /** The word before it, to tell which number of the page it stands for; looked for when asked, which takes time. */
  after: () => string
}

export interface Reading {
  text: string
  words: string[]
  numbers: FoundNumber[]
  links: Found[]
  code: Found[]
  headings: Found[]
  /** Each row of a table, after the row before it. */
  rows: string[]
}

// White space is listed because `\s` means different characters in Python and JavaScript.
const SPACE = '\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000\\ufeff'
const LINK_END = `${SPACE}<>()\\[\\]{}|^"\`\\xab\\xbb\\u2018-\\u201f\\u2026\\u3001\\u3002\\u3008-\\u3011\\u3014-\\u301b\\uff01\\uff08\\uff09\\uff0c\\uff1a\\uff1b\\uff1f\\uff5b-\\uff65`
const ADDRESS_BODY = `(?=[^${LINK_END}.,;:!?'*_~\\\\])[^${LINK_END}]*(?:\\([^${LINK_END}]*\\)[^${LINK_END}]*)*`
const IN_LINK = `[^${SPACE}<>()\\[\\]]*`
const DESTINATION = new RegExp(
  `(\\]\\([ \\t]*<?)(?=${IN_LINK}[:/.?#])(${IN_LINK}(?:\\(${IN_LINK}\\)${IN_LINK})*)`,
  'gu',
)
const ADDRESS = new RegExp(`()((?:https?|ftp)://${ADDRESS_BODY})`, 'giu')
const BARE_ADDRESS = new RegExp(`()(www\\.${ADDRESS_BODY})`, 'gu')
const LINK_TAIL = ".,;:!?'*_~\\"
const ORIGIN = /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/[^/?#]*)?/

const CJK =
  '\\u3005-\\u3007\\u3041-\\u3096\\u309d-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}'
const LETTER = '[\\p{L}\\p{Nl}\\p{No}]'
const WORD = new RegExp(`${LETTER}+`, 'gu')
const ASCII_WORD = /[a-z]+/g
const HAS_CJK = new RegExp(`[${CJK}]`, 'u')
const WORD_BESIDE_CJK = new RegExp(`[${CJK}]|(?:(?![${CJK}])${LETTER})+`, 'gu')
const BEYOND_ASCII = /\P{ASCII}/u
const LETTERS_AND_DIGITS = /[\p{L}\p{N}]+/gu
const INVISIBLE = /[\xad\u200b-\u200d\u2060\ufeff]/g

const NUMBER_MARK = /[\u2010-\u2013\u2212\u2019\u066b\u066c]/g
const NUMBER_MARKS: Record<string, string> = { '\u2019': "'", '\u066b': '.', '\u066c': ',' } // and dashes
const CHARACTER_REFERENCE = /&#(?:\p{Nd}{1,7}|[xX][\p{Nd}A-Fa-f]{1,6});/gu
const NUMBER =
  /(?:(?<![\p{L}\p{N}_)\]}%"'.-])-)?(?:\p{Nd}{4}-\p{Nd}{2}-\p{Nd}{2}(?!\p{Nd})|\p{Nd}+(?:[.,:/']\p{Nd}+)*)/gu
const THOUSANDS = /^-?\d{1,3}(?:(?:,\d{3})+(?:\.\d+)?|(?:'\d{3})+(?:[.,]\d+)?)$/
const WORD_BEFORE = new RegExp(`(${LETTER}+)[^\\p{L}\\p{N}]*$`, 'u')
const WORD_BEFORE_CHARS = 60

const ROW = /^[ \t>]*\|/
const RULE = /^[|:-]*$/
const FENCE = /^([ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?)(`{3,}(?=[^`]*$)|~{3,})/
const HEADING = /^[ \t>]*#{1,6}[ \t]+/
const LIST_NUMBER = /^([ \t>#*_+-]*(?<!-))([0-9]{1,3})\\?[.)][*_]*(?=[ \t]|$)/

export function readText(text: string): Reading {
  const { prose, fences, code } = splitCode(linesOf(text))
  const { plain, links } = cutLinks(blank(text, [...fences, ...listNumbersOf(prose)]))
  return {
    text,
    words: wordsOf(plain),
    numbers: numbersOf(plain),
    links,
    code,
    headings: headingsOf(prose, plain),
    rows: rowsOf(prose),
  }
}

interface Line extends Place {
  text: string
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  for (let start = 0; start <= text.length; ) {
    const feed = text.indexOf('\n', start)
    const next = feed < 0 ? text.length : feed
    const end = feed > start && text[feed - 1] === '\r' ? feed - 1 : next
    lines.push({ text: text.slice(start, end), start, end })
    start = next + 1
  }
  return lines
}

interface OpenBlock {
  mark: string
  indent: number
  opening: Line
  inside: Line[]
}

function splitCode(lines: readonly Line[]): { prose: Line[]; fences: Line[]; code: Found[] } {
  const prose: Line[] = []
  const fences: Line[] = []
  const code: Found[] = []
  let open: OpenBlock | null = null
  for (const line of lines) {
    if (open && !closes(line.text, open.mark)) {
      open.inside.push(line)
    } else if (open) {
      fences.push(line)
      code.push(blockOf(open))
      open = null
    } else {
      open = openedBy(line)
      ;(open ? fences : prose).push(line)
    }
  }
  if (open) code.push(blockOf(open))
  return { prose, fences, code }
}

function openedBy(line: Line): OpenBlock | null {
  const [, before = '', mark] = FENCE.exec(line.text) ?? []
  return mark === undefined ? null : { mark, indent: before.length, opening: line, inside: [] }
}

function closes(line: string, mark: string): boolean {
  const bare = trimmed(line, ' \t>')
  return bare.length >= mark.length && bare === mark.charAt(0).repeat(bare.length)
}

function blockOf({ inside, indent, opening }: OpenBlock): Found {
  const key = inside.map(({ text }) => text.slice(0, indent).replace(/^[ \t>]+/, '') + text.slice(indent)).join('\n')
  return { key, start: inside.at(0)?.start ?? opening.end, end: inside.at(-1)?.end ?? opening.end }
}

/** The numbers that only count list items. */
function listNumbersOf(lines: readonly Line[]): Place[] {
  const found: Place[] = []
  const last = new Map<string, number>() // of headings, and of each indent
  for (const line of lines) {
    const [, before = '', digits] = LIST_NUMBER.exec(line.text) ?? []
    if (digits === undefined) continue
    const value = Number(digits)
    const level = before.includes('#') ? '#' : trimmed(before, '', '*_')
    const step = value - (last.get(level) ?? 0)
    if (value > 1 && step !== 0 && step !== 1) continue
    last.set(level, value)
    const start = line.start + before.length
    found.push({ start, end: start + digits.length })
  }
  return found
}

function headingsOf(lines: readonly Line[], plain: string): Found[] {
  return lines.flatMap((line) => {
    const marks = HEADING.exec(line.text)
    if (!marks) return []
    const key = (fold(plain.slice(line.start, line.end)).match(LETTERS_AND_DIGITS) ?? []).join('')
    return key ? [{ key, start: line.start + marks[0].length, end: line.end }] : []
  })
}

function rowsOf(lines: readonly Line[]): string[] {
  const rows: string[] = []
  let before = ''
  for (const line of lines) {
    const row = ROW.test(line.text) ? line.text.replace(/^[ \t>]+/, '').replace(/[ \t*_~`]/g, '') : ''
    if (RULE.test(row)) {
      if (!row) before = ''
      continue
    }
    const bare = trimmed(row, '|')
    rows.push(`${before}\n${bare}`)
    before = bare
  }
  return rows
}

function cutLinks(text: string): { plain: string; links: Found[] } {
  const links: Found[] = []
  let plain = text
  const cut = (pattern: RegExp, keyOf: (address: string) => string, tail = '') => {
    const places: Place[] = []
    for (const match of plain.matchAll(pattern)) {
      const [whole, before = '', address = ''] = match
      const start = match.index + before.length
      const bare = trimmed(address, '', tail)
      places.push({ start: match.index, end: match.index + whole.length })
      if (!address.startsWith('#')) links.push({ key: linkKey(keyOf(bare)), start, end: start + bare.length })
    }
    plain = blank(plain, places)
  }
  cut(DESTINATION, (address) => address)
  cut(ADDRESS, (address) => address, LINK_TAIL)
  cut(BARE_ADDRESS, (address) => `http://${address}`, LINK_TAIL)
  return { plain, links: links.sort((one, other) => one.start - other.start) }
}

function linkKey(address: string): string {
  const clean = address.replaceAll('\\', '').replaceAll('&amp;', '&')
  const origin = ORIGIN.exec(clean)?.[0] ?? ''
  const path = clean.slice(origin.length)
  return origin.toLowerCase() + (path === '/' ? '' : path)
}

function numbersOf(plain: string): FoundNumber[] {
  const marked = plain.replace(NUMBER_MARK, (mark) => NUMBER_MARKS[mark] ?? '-')
  const text = marked.replace(CHARACTER_REFERENCE, (reference) => ' '.repeat(reference.length))
  const numbers: FoundNumber[] = []
  for (const { 0: number, index: start } of text.matchAll(NUMBER)) {
    let word: string | undefined
    const after = () => {
      word ??= wordBefore(text, start)
      return word
    }
    numbers.push({ key: numberKey(number), start, end: start + number.length, after })
  }
  return numbers
}

function wordBefore(text: string, place: number): string {
  return WORD_BEFORE.exec(text.slice(Math.max(0, place - WORD_BEFORE_CHARS), place))?.[1]?.toLowerCase() ?? ''
}

function numberKey(number: string): string {
  const key = BEYOND_ASCII.test(number) ? number.replace(/\p{Nd}/gu, asciiDigit) : number
  if (!key.includes(',') && !key.includes("'")) return key
  return THOUSANDS.test(key) ? key.replaceAll(key.includes(',') ? ',' : "'", '') : key
}

/** Digits come in runs of ten in every script, one run right after another at most. */
function asciiDigit(digit: string): string {
  if (/[0-9]/.test(digit)) return digit
  let zero = digit.codePointAt(0) ?? 0
  const end = zero
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((end - zero) % 10)
}

function wordsOf(plain: string): string[] {
  // Each is several times faster than the next.
  if (!BEYOND_ASCII.test(plain)) return plain.toLowerCase().match(ASCII_WORD) ?? []
  const folded = fold(plain)
  return folded.match(HAS_CJK.test(folded) ? WORD_BESIDE_CJK : WORD) ?? []
}

function fold(text: string): string {
  return text.replace(INVISIBLE, '').normalize('NFC').toLowerCase().replaceAll('\u03c2', '\u03c3')
}

/** The same text with blanks in these places, which lets every other place stay where it is. */
function blank(text: string, places: readonly Place[]): string {
  const parts: string[] = []
  let done = 0
  for (const { start, end } of [...places].sort((one, other) => one.start - other.start)) {
    parts.push(text.slice(done, start), ' '.repeat(end - start))
    done = end
  }
  return parts.join('') + text.slice(done)
}

/** Not a regular expression: `/x+$/` takes quadratic time on a page that is made to hurt. */
function trimmed(text: string, startMarks: string, endMarks = startMarks): string {
  let start = 0
  let end = text.length
  while (start < end && startMarks.includes(text.charAt(start))) start += 1
  while (end > start && endMarks.includes(text.charAt(end - 1))) end -= 1
  return text.slice(start, end)
}
