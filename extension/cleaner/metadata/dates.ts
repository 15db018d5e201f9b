/** Dates as people write them → `YYYY-MM-DD`, in the author's own time zone (a reader cites the day, not the instant). */

const MONTHS: readonly (readonly string[])[] = [
  [
    'january',
    'jan',
    'januar',
    'janvier',
    'janv',
    'enero',
    'ene',
    'gennaio',
    'gen',
    'janeiro',
    'januari',
    'января',
    'stycznia',
  ],
  [
    'february',
    'feb',
    'februar',
    'février',
    'févr',
    'febrero',
    'febbraio',
    'fevereiro',
    'fev',
    'februari',
    'февраля',
    'lutego',
  ],
  ['march', 'mar', 'märz', 'mrz', 'mars', 'marzo', 'março', 'maart', 'mrt', 'марта', 'marca'],
  ['april', 'apr', 'avril', 'avr', 'abril', 'abr', 'aprile', 'апреля', 'kwietnia'],
  ['may', 'mai', 'mayo', 'maggio', 'mag', 'maio', 'mei', 'мая', 'maja'],
  ['june', 'jun', 'juni', 'juin', 'junio', 'giugno', 'giu', 'junho', 'июня', 'czerwca'],
  ['july', 'jul', 'juli', 'juillet', 'juil', 'julio', 'luglio', 'lug', 'julho', 'июля', 'lipca'],
  ['august', 'aug', 'août', 'agosto', 'ago', 'augustus', 'августа', 'sierpnia'],
  ['september', 'sep', 'sept', 'septembre', 'septiembre', 'settembre', 'set', 'setembro', 'сентября', 'września'],
  [
    'october',
    'oct',
    'oktober',
    'okt',
    'octobre',
    'octubre',
    'ottobre',
    'ott',
    'outubro',
    'out',
    'октября',
    'października',
  ],
  ['november', 'nov', 'novembre', 'noviembre', 'novembro', 'ноября', 'listopada'],
  [
    'december',
    'dec',
    'dezember',
    'dez',
    'décembre',
    'déc',
    'diciembre',
    'dic',
    'dicembre',
    'dezembro',
    'декабря',
    'grudnia',
  ],
]
const MONTH_OF = new Map(MONTHS.flatMap((names, index) => names.map((name): [string, number] => [name, index + 1])))
const FIRST_YEAR = 1990

/**
 * @param text anything with a date in it
 * @param isMonthFirst whether 3/4/2025 means the fourth of March
 * @returns null where there is no whole, possible date
 */
export function isoDate(text: string | null | undefined, isMonthFirst = true): string | null {
  if (!text) return null
  const source = text.slice(0, 200).trim()
  const iso = /(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/.exec(source)
  if (iso) return valid(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const compact = /^(\d{4})(\d{2})(\d{2})(?:T?\d{4,6}Z?)?$/.exec(source)
  if (compact) return valid(Number(compact[1]), Number(compact[2]), Number(compact[3]))
  const eastAsian = /(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]/.exec(source)
  if (eastAsian) return valid(Number(eastAsian[1]), Number(eastAsian[2]), Number(eastAsian[3]))
  const unix = /^1\d{9}(?:\d{3})?$/.exec(source)
  if (unix) return new Date(Number(source.padEnd(13, '0'))).toISOString().slice(0, 10)
  return named(source) ?? numeric(source, isMonthFirst)
}

function named(source: string): string | null {
  const monthFirst = /(\p{L}{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(\d{4})(?!\d)/u.exec(source)
  if (monthFirst) {
    const month = MONTH_OF.get((monthFirst[1] as string).toLowerCase())
    if (month) return valid(Number(monthFirst[3]), month, Number(monthFirst[2]))
  }
  const dayFirst =
    /(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:de |of )?(\p{L}{3,12})\.?,?[\s-]+(?:de |del )?(\d{4})(?!\d)/u.exec(
      source,
    )
  if (dayFirst) {
    const month = MONTH_OF.get((dayFirst[2] as string).toLowerCase())
    if (month) return valid(Number(dayFirst[3]), month, Number(dayFirst[1]))
  }
  return null
}

function numeric(source: string, isMonthFirst: boolean): string | null {
  const match = /(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/.exec(source)
  if (!match) return null
  const [a, b] = [Number(match[1]), Number(match[3])]
  const year = Number(match[4]) + ((match[4] as string).length === 2 ? 2_000 : 0)
  // Dots are European wherever they stand; slashes follow the page's country unless only one reading is possible.
  const monthFirst = b > 12 || (isMonthFirst && match[2] !== '.' && a <= 12)
  return monthFirst ? valid(year, a, b) : valid(year, b, a)
}

function valid(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isReal || year < FIRST_YEAR || year > 2_100) return null
  return date.toISOString().slice(0, 10)
}
