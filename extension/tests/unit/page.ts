import type { CleanPage } from '../../cleaner'

/** A cleaned page that says `markdown` and nothing unusual. */
export function pageOf(markdown: string): CleanPage {
  const unknown = { author: null, publishedAt: null, modifiedAt: null, site: null, canonicalUrl: null }
  return {
    markdown,
    text: markdown,
    metadata: { ...unknown, title: 'Tea', language: 'en', direction: 'ltr' },
    confidence: 1,
    scope: 'auto',
    pageType: 'article',
    counts: { words: markdown.split(' ').length + 100, links: 0, codeBlocks: 0, tables: 0, images: 0, headings: 0 },
  }
}
