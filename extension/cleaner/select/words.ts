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

const OTHER = 0
const LETTER = 1
const UPPER = 2
const LOWER = 3
const DIGIT = 4
const SPACE = 5

/** Class of each UTF-16 unit, filled on first use: a regular expression per character is far too slow. */
const classes = new Uint8Array(0x10000).fill(255)

function classOf(unit: number): number {
  const known = classes[unit] as number
  if (known !== 255) return known
  const character = String.fromCharCode(unit)
  let kind = OTHER
  if (/\s/.test(character)) kind = SPACE
  else if (/\p{N}/u.test(character)) kind = DIGIT
  else if (/\p{Lu}/u.test(character)) kind = UPPER
  else if (/\p{Ll}/u.test(character)) kind = LOWER
  else if (/[\p{L}_]/u.test(character) || (unit >= 0xd800 && unit <= 0xdbff)) kind = LETTER
  classes[unit] = kind
  return kind
}

const SEPARATORS = new Set([...'|·•→←»«›‹/▸▾'].map((character) => character.charCodeAt(0)))

/** Add the counts of `text` to `counts`. */
export function countText(text: string, counts: TextCounts): void {
  let inWord = false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const kind = classOf(unit)
    if (kind === SPACE) {
      inWord = false
      continue
    }
    counts.chars++
    if (kind === OTHER) {
      if (unit === 44 || unit === 0x3001 || unit === 0xff0c) counts.commas++
      else if (unit === 46 || unit === 33 || unit === 63) {
        if (inWord && (i + 1 === text.length || classOf(text.charCodeAt(i + 1)) === SPACE)) counts.sentenceEnds++
      } else if (unit === 0x3002) counts.sentenceEnds++
      else if (SEPARATORS.has(unit)) counts.separators++
      inWord = false
      continue
    }
    counts.wordChars++
    if (kind === DIGIT) counts.digits++
    if (!inWord) {
      inWord = true
      counts.words++
      if (kind === UPPER) counts.capitalised++
      else if (kind === LOWER) counts.lowercase++
    }
  }
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
