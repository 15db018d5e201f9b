/** When a page was published and last changed. */

import { isoDate } from './dates'
import { linesNearTitle } from './near-title'
import type { StructuredData } from './structured'

const PUBLISHED_NAMES = [
  'article:published_time',
  'og:article:published_time',
  'datepublished',
  'article.published',
  'publishdate',
  'publish-date',
  'publish_date',
  'pubdate',
  'parsely-pub-date',
  'sailthru.date',
  'citation_publication_date',
  'citation_date',
  'dc.date.issued',
  'dcterms.issued',
  'dcterms.created',
  'dc.date.created',
  'dc.date',
  'dcterms.date',
  'date',
  'cxenseparse:recs:publishtime',
  'rbpubdate',
  'uploaddate',
  'datecreated',
]
/** Publishing systems put a prefix of their own before it. */
const PUBLISHED_NAME = /(?:^|[-_.:])publi(?:sh(?:ed)?|cation)[-_]?(?:date|time|on)$/
const MODIFIED_NAMES = [
  'article:modified_time',
  'og:updated_time',
  'datemodified',
  'last-modified',
  'lastmod',
  'dcterms.modified',
  'dc.date.modified',
  'updated_time',
  'modified',
  'revised',
]
const PUBLISHED_MARKS = [
  '[itemprop~="datePublished"]',
  'time[pubdate]',
  'time.published',
  'time.entry-date',
  '.published time',
  'article time[datetime]',
  'header time[datetime]',
  'main time[datetime]',
  'time[datetime]',
  '.post-date',
  '.entry-date',
  '.published',
  '.pubdate',
  '.article-date',
  '.date-published',
  '.publish-date',
  '.byline time',
  '.posted-on',
  '[class*="publish" i][class*="date" i]',
  '[class*="post-date" i]',
  '[class*="date" i]',
]
const MODIFIED_MARKS = ['[itemprop~="dateModified"]', 'time.updated', 'time.modified']

export interface Dates {
  readonly publishedAt: string | null
  readonly modifiedAt: string | null
}

export function readDates(
  document: Document,
  meta: ReadonlyMap<string, string[]>,
  data: StructuredData,
  url: string,
  language: string | null,
): Dates {
  const isMonthFirst = language === null || /^en(?:-US)?$/i.test(language)
  const first = (values: readonly unknown[]): string | null => {
    for (const value of values) {
      const date = typeof value === 'string' ? isoDate(value, isMonthFirst) : null
      if (date !== null) return date
    }
    return null
  }
  const marked = (selectors: readonly string[]): string | null => {
    for (const selector of selectors) {
      const element = document.querySelector(selector)
      if (!element || element.closest('[class*="comment" i], [class*="related" i], aside, footer')) continue
      const date = first([
        element.getAttribute('datetime'),
        element.getAttribute('content'),
        element.getAttribute('title'),
        element.textContent,
      ])
      if (date !== null) return date
    }
    return null
  }
  const nodes = data.content()
  return {
    publishedAt:
      first(nodes.map((node) => node.datePublished)) ??
      first(PUBLISHED_NAMES.flatMap((name) => meta.get(name) ?? [])) ??
      first([...meta].flatMap(([name, values]) => (PUBLISHED_NAME.test(name) ? values : []))) ??
      marked(PUBLISHED_MARKS) ??
      // A line that is hardly more than a date, not a sentence that mentions one.
      first(linesNearTitle(document).filter((line) => line.length <= 60)) ??
      first(nodes.map((node) => node.dateCreated ?? node.uploadDate)) ??
      dateInAddress(url),
    modifiedAt:
      first(nodes.map((node) => node.dateModified)) ??
      first(MODIFIED_NAMES.flatMap((name) => meta.get(name) ?? [])) ??
      marked(MODIFIED_MARKS),
  }
}

/** Many blogs put the day into the path. */
function dateInAddress(url: string): string | null {
  const match = /\/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)/.exec(url)
  return match ? isoDate(`${match[1]}-${match[2]}-${match[3]}`) : null
}
