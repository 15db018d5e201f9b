/**
 * Phone numbers. With a country code they are known by their shape; written for one country, only where the text, the
 * link or the table's column calls them one, or in a shape that nothing else has.
 */
import { digitsOf, type Span } from './plain'

const GAP = '[ \\u00a0\\u202f().\\/\\u2010-\\u2015-]{0,3}'
/** Any run of digits that could be one; what it is, is decided with what stands around it. */
const CANDIDATE = new RegExp(`(?<![\\p{L}\\p{N}_])\\(?\\+?\\d(?:${GAP}\\d){5,18}(?![\\p{L}\\p{N}_])`, 'gu')
const LOOK_BACK = 60

const NAMES =
  'tel(?:e(?:phone|fono?|fax|f)?)?|tél(?:éphone)?|teléfono|telefoon|tlf|puh|phone|mobile?|móvil|cell(?:ulare?|phone)?|handy|gsm|fax|call|dial|sms|whatsapp|hotline|helpline|rufnummer|тел(?:ефон)?|電話|电话|전화|☎\\ufe0f?|📞|📱'
const JOINTS = 'number|no|nr|num|us|me|at|on|or|is|work|home|office|mobile|main|direct|free|today|now|line'
/** "Tel.:", "**Phone** (work): ", "call us at " */
const LABEL = new RegExp(
  `(?<!\\p{L})(?:${NAMES})(?:[\\s:：.,()*_|–-]{0,4}(?:${JOINTS})(?!\\p{L}))*[\\s:：.,()*_[–-]{0,6}$`,
  'iu',
)
/** "(mobile)", ", Tel.", "– WhatsApp;": only names that stand for a number wherever they follow one, and end there. */
const NAMES_AFTER =
  'tel(?:e(?:phone|fono?|fax|f)?)?|tél(?:éphone)?|teléfono|telefoon|phone|mobile|móvil|cell(?:ulare?|phone)?|handy|fax|sms|whatsapp|hotline|helpline|rufnummer|тел(?:ефон)?|電話|电话|전화|☎\\ufe0f?|📞|📱'
const LABEL_AFTER = new RegExp(
  `^[*_]{0,2}(?:\\s?[(（\\[]\\s?(?:${NAMES_AFTER})\\.?\\s?[)）\\]]|\\s?[,–—-]?\\s(?:${NAMES_AFTER})\\.?[*_]{0,2}\\s?(?:[,;.|)\\n]|$))`,
  'iu',
)
const LINK = /(?:tel:|callto:|sms:|wa\.me\/|[?&]phone=)\/{0,2}(?:\+|%2B)?$/i
const LINKED = /^\s?\]\(\s?<?(?:tel|callto|sms):/i
/** Words whose numbers are something else. */
const OTHER =
  /(?<!\p{L})(?:order|part|item|sku|serial|ref(?:erence)?|invoice|ticket|tracking|case|isbn|issn|id|account|model|version|iban)(?:\s(?:number|no|nr))?[\s:.#№*_]{0,6}$/iu
/** What no unlabelled number may follow: a piece of an address, a sum, a version, a range. */
const ATTACHED = /[\p{L}\p{N}_./=#$€£¥@%&+\u2010-\u2015-]$/u

const NORTH_AMERICAN = /^(?:1[-. ])?(?:\([2-9]\d\d\)[ -]?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}$/
const WITH_TRUNK = /^\(0\d{1,4}\)[ -]?\d{2,4}(?:[ -]?\d{2,4}){1,3}$/
const DATE = /^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})/
const YEARS = /^(?:19|20)\d\d(?:\D+(?:19|20)\d\d)+$/
const DECIMAL = /^[+(]*\d+\.\d+$/
const THOUSANDS = /^\+?\d{1,3}(?:\.\d{3})+$/
/** A great number, in the way of most languages. */
const GROUPED = /^[1-9]\d{0,2}(?:[ .\u00a0\u202f]\d{3})+$/

export function phoneNumbers(plain: string): Span[] {
  const headingAt = columnHeadings(plain)
  const found: Span[] = []
  for (const { 0: text, index } of plain.matchAll(CANDIDATE)) {
    // A parenthesis that is not closed belongs to the sentence.
    const start = text.startsWith('(') && !text.includes(')') ? index + 1 : index
    const end = index + text.length
    const back = plain.slice(Math.max(0, start - LOOK_BACK), start)
    const before = back.slice(back.lastIndexOf('\n') + 1)
    const around = { before, after: plain.slice(end, end + LOOK_BACK), heading: () => headingAt(start) }
    if (isPhoneNumber(plain.slice(start, end), around)) found.push({ start, end })
  }
  return found
}

interface Around {
  /** Of the same line. */
  before: string
  after: string
  /** Of the table's column it stands in, '' outside of tables. */
  heading(): string
}

function isPhoneNumber(text: string, { before, after, heading }: Around): boolean {
  const count = digitsOf(text).length
  if (DATE.test(text) || YEARS.test(text) || /^[.,]\d/.test(after)) return false
  if (LINK.test(before) || LINKED.test(after)) return true
  if (/^\(?\+/.test(text)) return isInternational(text) && !/[\p{L}\p{N}_=]$/u.test(before)
  if (LABEL.test(before) || LABEL.test(heading())) return count >= 7 && count <= 15 && !DECIMAL.test(text)
  if (LABEL_AFTER.test(after) && isNumberOfSomebody(text, before)) return true
  if (!NORTH_AMERICAN.test(text) && !WITH_TRUNK.test(text)) return false
  return !ATTACHED.test(before) && !OTHER.test(before) && !OTHER.test(heading())
}

/** What is named only after it counts things as often as it is somebody's number. */
function isNumberOfSomebody(text: string, before: string): boolean {
  const count = digitsOf(text).length
  if (count < 7 || count > 15 || DECIMAL.test(text) || GROUPED.test(text)) return false
  return !ATTACHED.test(before) && !OTHER.test(before)
}

/** E.164: up to 15 digits with the country code. The two countries of one digit have numbers of one length. */
function isInternational(text: string): boolean {
  const digits = digitsOf(text)
  if (DECIMAL.test(text) || THOUSANDS.test(text)) return false
  if (digits.startsWith('1')) return /^1[2-9]\d\d[2-9]\d{6}$/.test(digits)
  if (digits.startsWith('7')) return digits.length === 11
  return !digits.startsWith('0') && digits.length >= 9 && digits.length <= 15
}

/** Says for each place, asked for from the top down, what its table's column is called. */
function columnHeadings(plain: string): (at: number) => string {
  let next = 0
  let isTable = false
  let headings: string[] = []
  let column = 0
  const beginLine = (start: number) => {
    const begins = plain.charAt(start) === '|'
    if (begins && !isTable) headings = plain.slice(start, endOfLine(plain, start)).split('|')
    isTable = begins
    column = 0
  }
  beginLine(0)
  return (at) => {
    for (; next < at; next += 1) {
      if (plain[next] === '\n') beginLine(next + 1)
      else if (plain[next] === '|') column += 1
    }
    return isTable ? (headings[column]?.trim() ?? '') : ''
  }
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}
