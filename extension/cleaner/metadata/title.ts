/** The title of a page: what its author called it, without the site's name that templates hang on. */

import type { StructuredData } from './structured'

const SEPARATOR = /\s+[|–—\-·•»«:/\\>~]+\s+|\s*[|»«]\s*|(?<=\S):\s+/g

export function readTitle(
  document: Document,
  meta: ReadonlyMap<string, string[]>,
  data: StructuredData,
  site: string | null,
  url: string,
): string {
  const full = text(document.querySelector('title')?.textContent) || text(document.title)
  const headline =
    data
      .content()
      .map((node) => (typeof node.headline === 'string' ? text(node.headline) : ''))
      .find((name) => name !== '') ?? ''
  const announced = [
    meta.get('og:title')?.[0],
    meta.get('twitter:title')?.[0],
    meta.get('citation_title')?.[0],
    meta.get('dc.title')?.[0],
    headline,
    full,
  ]
    .map(text)
    .filter((title) => title !== '')
  const headings = mainHeadings(document)
  const names = siteNames(site, url)
  // The visible heading is the title when what the page announces contains it: then the rest is decoration.
  const candidates = headings.filter(
    (heading) => !isSiteName(heading, names) && !announced.some((title) => endsWithSegment(title, heading)),
  )
  const confirmed = candidates.find((heading) => announced.some((title) => contains(title, heading)))
  if (confirmed !== undefined) return confirmed
  // A page's only heading, in a few words, is what its author put above the text; what is announced was written for search engines.
  const [only] = candidates
  if (only !== undefined && new Set(headings.map(key)).size === 1 && isPhrase(only)) return only
  for (const title of announced) {
    const bare = withoutSite(title, names)
    if (bare !== '') return bare
  }
  return headings[0] ?? ''
}

/** Removes a leading or trailing segment that is the site's name. */
export function withoutSite(title: string, names: readonly string[]): string {
  let rest = title
  for (let i = 0; i < 3; i++) {
    const cuts = [...rest.matchAll(SEPARATOR)]
    const last = cuts.at(-1)
    const first = cuts[0]
    const tail = last ? rest.slice(last.index + last[0].length) : ''
    // A bar parts a title from its site wherever it stands; dashes and colons are also punctuation.
    const isBarTail = last?.[0].trim() === '|' && tail.split(' ').length <= 3 && last.index > tail.length
    if (last && (isBarTail || isSiteName(tail, names))) rest = rest.slice(0, last.index)
    else if (first && isSiteName(rest.slice(0, first.index), names)) rest = rest.slice(first.index + first[0].length)
    else break
  }
  return rest.trim()
}

export function siteNames(site: string | null, url: string): string[] {
  const names = site === null ? [] : [key(site)]
  if (URL.canParse(url)) {
    const host = new URL(url).hostname.replace(/^www\d?\./, '')
    const labels = host.split('.')
    names.push(key(host))
    for (const label of labels.slice(0, Math.max(1, labels.length - 1))) if (label.length > 2) names.push(key(label))
  }
  return names.filter((name) => name !== '')
}

export function isSiteName(segment: string, names: readonly string[]): boolean {
  const own = key(segment)
  if (own === '') return false
  return names.some(
    (name) =>
      own === name ||
      (own.length > 3 &&
        name.length > 3 &&
        (own === `the${name}` ||
          name === `the${own}` ||
          (own.length <= name.length + 8 && own.startsWith(name)) ||
          name.startsWith(own))),
  )
}

/** "Errors - The Book" is not called "The Book", though its heading says so on every page. */
function endsWithSegment(title: string, heading: string): boolean {
  const last = [...title.matchAll(SEPARATOR)].at(-1)
  return last !== undefined && last.index > 0 && key(title.slice(last.index + last[0].length)) === key(heading)
}

function mainHeadings(document: Document): string[] {
  const headings: string[] = []
  for (const heading of document.querySelectorAll('h1')) {
    const name = text(heading.textContent).replace(/\s*[¶§#]$/, '')
    if (name !== '' && name.length <= 300) headings.push(name)
    if (headings.length >= 5) break
  }
  return headings
}

function isPhrase(heading: string): boolean {
  return heading.length <= 150 && heading.split(' ').length >= 3
}

function contains(title: string, heading: string): boolean {
  const own = key(heading)
  return own.length >= 3 && key(title).includes(own)
}

/** Letters and digits alone, so that quotes, dashes and case do not matter. */
export function key(value: string): string {
  return value.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
}

export function text(value: string | null | undefined): string {
  return (value ?? '').replace(/\s+/g, ' ').trim()
}
