/** A cleaned page as JSON, for tools. */

import type { CleanPage } from '.'

/**
 * The output of "JSON": two-space indented, keys always in this order, null where the page does not say.
 *
 *     { "url", "capturedAt": ISO 8601 in UTC, "title", "author", "publishedAt": "YYYY-MM-DD", "modifiedAt", "site",
 *       "canonicalUrl", "language", "direction": "ltr" | "rtl", "pageType", "scope", "confidence": 0..1 | null,
 *       "counts": { "words", "links", "codeBlocks", "tables", "images", "headings" }, "markdown" }
 *
 * `markdown` is what Copy gives, without the citation: its facts are the other keys.
 */
export function toJson(page: CleanPage, url: string, capturedAt: Date): string {
  const { title, author, publishedAt, modifiedAt, site, canonicalUrl, language, direction } = page.metadata
  const { words, links, codeBlocks, tables, images, headings } = page.counts
  const output = {
    url,
    capturedAt: capturedAt.toISOString(),
    title,
    author,
    publishedAt,
    modifiedAt,
    site,
    canonicalUrl,
    language,
    direction,
    pageType: page.pageType,
    scope: page.scope,
    confidence: page.confidence,
    counts: { words, links, codeBlocks, tables, images, headings },
    markdown: page.markdown,
  }
  return `${JSON.stringify(output, null, 2)}\n`
}
