/**
 * What one run of text is like: counted in a single pass over its characters, because every later step asks.
 */
export interface TextCounts {
  /** Runs of letters, digits and underscores, which is what the benchmark's word F1 counts. */
  words: number
  /** Characters that are not white space. */
  chars: number
  /** Characters inside words. */
  wordChars: number
  digits: number
  /** Words that begin with a capital letter. */
  capitalised: number
  /** Words that begin with a small letter: prose has many, menus few. */
  lowercase: number
  commas: number
  /** Full stops, question and exclamation marks that end a word and are followed by space or the end. */
  sentenceEnds: number
  /** Vertical bars, middle dots, arrows and guillemets: the punctuation of menus and bylines. */
  separators: number
}

/**
 * Words as numbers, in the order of the page: what a page's title, menus and templates are compared with.
 * Two words have the same number when they differ in nothing but capitals (and, once in four billion, by accident).
 */
export class WordList {
  length = 0
  private numbers = new Int32Array(256)

  add(number: number): void {
    if (this.length === this.numbers.length) {
      const larger = new Int32Array(2 * this.length)
      larger.set(this.numbers)
      this.numbers = larger
    }
    this.numbers[this.length++] = number
  }

  at(index: number): number {
    return this.numbers[index] as number
  }
}

/** The words of a text of its own. */
export function wordList(text: string): WordList {
  const words = new WordList()
  countText(text, noText(), words)
  return words
}

/** One number for two words in a row. */
export function pairOf(first: number, second: number): number {
  return Math.imul(first, 0x9e3779b1) ^ second
}

const OTHER = 0
const LETTER = 1
const UPPER = 2
const LOWER = 3
const DIGIT = 4
const SPACE = 5

/** Class of each UTF-16 unit, and its small letter, filled on first use: a regular expression per character is far too slow. */
const classes = new Uint8Array(0x10000).fill(255)
const small = new Uint16Array(0x10000)

function classOf(unit: number): number {
  const known = classes[unit] as number
  return known === 255 ? learn(unit) : known
}

function learn(unit: number): number {
  const character = String.fromCharCode(unit)
  let kind = OTHER
  if (/\s/.test(character)) kind = SPACE
  else if (/\p{N}/u.test(character)) kind = DIGIT
  else if (/\p{Lu}/u.test(character)) kind = UPPER
  else if (/\p{Ll}/u.test(character)) kind = LOWER
  else if (/[\p{L}_]/u.test(character) || (unit >= 0xd800 && unit <= 0xdbff)) kind = LETTER
  classes[unit] = kind
  small[unit] = character.toLowerCase().charCodeAt(0)
  return kind
}

export function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (classOf(text.charCodeAt(i)) !== SPACE) return false
  return true
}

const SEPARATORS = new Set([...'|·•→←»«›‹/▸▾'].map((character) => character.charCodeAt(0)))

/** Where word numbers begin, and what mixes a unit into them (FNV-1a). */
const WORD_START = 0x811c9dc5 | 0
const WORD_STEP = 0x01000193

/** Add the counts of `text` to `counts`, and its words to `words` where they are wanted. */
export function countText(text: string, counts: TextCounts, words?: WordList): void {
  // Counted in local variables: this runs once for every character of the page.
  let chars = 0
  let wordChars = 0
  let digits = 0
  let found = 0
  let number = WORD_START
  let inWord = false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const kind = classOf(unit)
    if (kind >= LETTER && kind <= DIGIT) {
      chars++
      wordChars++
      if (kind === DIGIT) digits++
      if (!inWord) {
        inWord = true
        found++
        if (kind === UPPER) counts.capitalised++
        else if (kind === LOWER) counts.lowercase++
      }
      number = Math.imul(number ^ (small[unit] as number), WORD_STEP)
      continue
    }
    if (inWord) {
      words?.add(number)
      number = WORD_START
    }
    if (kind === OTHER) {
      chars++
      countMark(text, i, unit, inWord, counts)
    }
    inWord = false
  }
  if (inWord) words?.add(number)
  counts.words += found
  counts.chars += chars
  counts.wordChars += wordChars
  counts.digits += digits
}

function countMark(text: string, at: number, unit: number, endsWord: boolean, counts: TextCounts): void {
  if (unit === 44 || unit === 0x3001 || unit === 0xff0c) counts.commas++
  else if (unit === 46 || unit === 33 || unit === 63) {
    if (endsWord && (at + 1 === text.length || classOf(text.charCodeAt(at + 1)) === SPACE)) counts.sentenceEnds++
  } else if (unit === 0x3002) counts.sentenceEnds++
  else if (SEPARATORS.has(unit)) counts.separators++
}

export function noText(): TextCounts {
  return {
    words: 0,
    chars: 0,
    wordChars: 0,
    digits: 0,
    capitalised: 0,
    lowercase: 0,
    commas: 0,
    sentenceEnds: 0,
    separators: 0,
  }
}
