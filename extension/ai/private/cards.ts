/** Payment card numbers: the digits of a brand, in its length, with a right check digit. */
import { digitsOf, type Span } from './plain'

/** In groups as they are printed, or without any; never a piece of something longer, as an IBAN's digits are. */
const NOT_AFTER = '(?<![\\p{L}\\p{N}_.,/#=&-])(?<!(?:\\p{L}{2}\\d\\d|\\d{4}) )'
const NOT_BEFORE = '(?!\\d|[ -]\\d{4}(?!\\d)|[\\p{L}_]|[.,]\\d)'
const GAP = '([ \\u00a0-]?)'
const IN_FOURS = new RegExp(`${NOT_AFTER}\\d{4}${GAP}\\d{4}\\1\\d{4}\\1\\d{4}${NOT_BEFORE}`, 'gu')
const IN_THREE = new RegExp(`${NOT_AFTER}\\d{4}${GAP}\\d{6}\\1\\d{4,5}${NOT_BEFORE}`, 'gu')
/** First digits and length, as the brands publish them; lengths that nothing but old cards had are left out. */
const BRANDS =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|(?:6011|64[4-9]\d|65\d\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14}|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{12})$/

export function cardNumbers(plain: string): Span[] {
  const found: Span[] = []
  for (const pattern of [IN_FOURS, IN_THREE]) {
    for (const { 0: text, index } of plain.matchAll(pattern)) {
      const digits = digitsOf(text)
      if (BRANDS.test(digits) && hasCheckDigit(digits)) found.push({ start: index, end: index + text.length })
    }
  }
  return found.sort((one, other) => one.start - other.start)
}

/** Luhn's sum: every second digit from the right counts twice, as the sum of its digits. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}
