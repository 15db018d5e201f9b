/** Title, author and date against a benchmark's fields, and the canonical address against the page's own. */
import { withoutTracking } from '../cleaner/markdown/addresses'
import { isoDate } from '../cleaner/metadata/dates'
import type { BenchmarkPage } from './pages'
import type { ToolOutput } from './peers'

export const FIELDS = ['title', 'author', 'publish date', 'canonical address'] as const
export type Field = (typeof FIELDS)[number]

/**
 * Per field: 1 for the same, 0 for another or none; null where the truth has none. A title counts as the same by its words,
 * an author by the first author's full name, a date by its day, an address by host and path.
 */
export function metadataScores(output: ToolOutput, { truth, url }: BenchmarkPage): Record<Field, number | null> {
  return {
    title: truth.title ? Number(words(output.title) === words(truth.title)) : null,
    author: truth.author ? Number(sharesName(output.author ?? '', truth.author)) : null,
    'publish date': truth.publish_date ? Number(isoDate(output.published) === truth.publish_date) : null,
    'canonical address': output.address === null ? null : Number(place(output.address) === place(url)),
  }
}

function sharesName(found: string, wanted: string): boolean {
  const names = wanted.split(/,|;|&|\band\b/).map(words)
  const own = words(found)
  // All of the first author; titles and further authors are told in too many ways to compare.
  return own !== '' && (own === words(wanted) || ` ${own} `.includes(` ${names[0]} `))
}

/** Where an address leads, whatever its scheme, final slash and fragment. */
function place(address: string): string {
  if (!URL.canParse(address)) return address
  const { host, pathname, search } = new URL(withoutTracking(address))
  return (host.replace(/^www\./, '') + pathname.replace(/\/$/, '') + search).toLowerCase()
}

function words(text: string | null): string {
  return (text ?? '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
