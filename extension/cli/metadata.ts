/** Title, author and date against a benchmark's fields. */
import { isoDate } from '../cleaner/metadata/dates'
import type { Truth } from './pages'
import type { ToolOutput } from './peers'

export const FIELDS = ['title', 'author', 'publish date'] as const
export type Field = (typeof FIELDS)[number]

/**
 * Per field: 1 for the same, 0 for another or none; null where the truth has none. A title counts as the same by its words,
 * an author by sharing a full name, a date by its day.
 */
export function metadataScores(output: ToolOutput, truth: Truth): Record<Field, number | null> {
  return {
    title: truth.title ? Number(words(output.title) === words(truth.title)) : null,
    author: truth.author ? Number(sharesName(output.author ?? '', truth.author)) : null,
    'publish date': truth.publish_date ? Number(isoDate(output.published) === truth.publish_date) : null,
  }
}

function sharesName(found: string, wanted: string): boolean {
  const names = wanted.split(/,|;|&|\band\b/).map(words)
  const own = words(found)
  // All of the first author; titles and further authors are told in too many ways to compare.
  return own !== '' && (own === words(wanted) || ` ${own} `.includes(` ${names[0]} `))
}

function words(text: string | null): string {
  return (text ?? '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
