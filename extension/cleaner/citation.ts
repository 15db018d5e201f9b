/** Where a text comes from, put on top of it: a quote people can read, or front matter that tools can. */

import { withoutTracking } from './markdown/addresses'
import { writeRuns } from './markdown/inline'
import type { Metadata } from './metadata'
import { key } from './metadata/title'

const HEADING_LINE = /^#{1,6} /

export type CitationStyle = 'block' | 'frontmatter' | 'none'

/** What of a page a citation needs. */
export interface Citable {
  readonly markdown: string
  readonly metadata: Metadata
}

/** @returns the page's Markdown with its citation; `capturedAt` is written as a UTC minute */
export function cite(page: Citable, style: CitationStyle, url: string, capturedAt: Date): string {
  switch (style) {
    case 'none':
      return page.markdown
    case 'block':
      return underTitle(page, sourceQuote(page.metadata, url, capturedAt))
    case 'frontmatter':
      return `${frontMatter(page.metadata, url, capturedAt)}\n\n${page.markdown}`
  }
}

/** The quote stands between the title and the text; a text that opens with its own title does not get it twice. */
function underTitle({ markdown, metadata }: Citable, quote: string): string {
  const title = escaped(metadata.title, 'heading')
  if (title === '') return `${quote}\n\n${markdown}`
  const lineEnd = markdown.indexOf('\n')
  const firstLine = lineEnd < 0 ? markdown : markdown.slice(0, lineEnd)
  const isRepeated = HEADING_LINE.test(firstLine) && key(firstLine) === key(metadata.title)
  const body = isRepeated ? markdown.slice(firstLine.length).trimStart() : markdown
  return `# ${title}\n\n${quote}\n\n${body}`
}

function sourceQuote(metadata: Metadata, url: string, capturedAt: Date): string {
  const lines = [`Source: <${address(withoutTracking(url))}>`]
  const by = names(metadata).map((name) => escaped(name, 'paragraph'))
  if (by.length > 0) lines.push(`By ${by.join(', ')}`)
  const dates: string[] = []
  if (metadata.publishedAt) dates.push(`published ${metadata.publishedAt}`)
  if (metadata.modifiedAt && metadata.modifiedAt !== metadata.publishedAt) dates.push(`updated ${metadata.modifiedAt}`)
  dates.push(`captured ${minute(capturedAt)}`)
  const when = dates.join(', ')
  lines.push(when.charAt(0).toUpperCase() + when.slice(1))
  // Two spaces keep the lines apart in every Markdown reader.
  return lines.map((line) => `> ${line}`).join('  \n')
}

/** Author and site; a site that is its own author is named once, as it spells itself. */
function names({ author, site }: Metadata): string[] {
  const isSame = author !== null && site !== null && key(author) === key(site)
  return [isSame ? null : author, site].filter((name): name is string => name !== null && name !== '')
}

function escaped(value: string, place: 'heading' | 'paragraph'): string {
  return writeRuns([{ kind: 'text', text: value, marks: [] }], place)
}

function frontMatter(metadata: Metadata, url: string, capturedAt: Date): string {
  const fields: [string, string | null][] = [
    ['title', metadata.title],
    ['url', url],
    ['canonical_url', metadata.canonicalUrl === url ? null : metadata.canonicalUrl],
    ['author', metadata.author],
    ['site', metadata.site],
    ['published', metadata.publishedAt],
    ['modified', metadata.modifiedAt],
    ['language', metadata.language],
    ['captured', capturedAt.toISOString()],
  ]
  const lines = fields
    .filter((field): field is [string, string] => field[1] !== null && field[1] !== '')
    .map(([name, value]) => `${name}: ${yamlString(value)}`)
  return ['---', ...lines, '---'].join('\n')
}

/**
 * A YAML scalar that reads back as exactly this string. JSON strings are YAML's double-quoted scalars, save for the characters
 * YAML forbids unescaped although JSON allows them.
 */
function yamlString(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Inside `<…>` only these would end or break an address. */
function address(url: string): string {
  return url.replace(/[<>\s\\]/g, (char) => encodeURIComponent(char))
}

function minute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
