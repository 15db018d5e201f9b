/** Who wrote a page. */

import { linesNearTitle } from './near-title'
import type { StructuredData } from './structured'
import { isSiteName, key, text } from './title'

const META_NAMES = [
  'author',
  'article:author',
  'citation_author',
  'dc.creator',
  'dcterms.creator',
  'parsely-author',
  'sailthru.author',
  'byl',
  'cxenseparse:author',
  'og:article:author',
  'twitter:creator',
]
const BYLINES = [
  '[itemprop~="author"] [itemprop~="name"]',
  '[itemprop~="author"]',
  '[rel~="author"]',
  '.author-name',
  '.authorName',
  '.author_name',
  '.byline-name',
  '.post-author-name',
  '.article-author',
  '.byline a',
  '.post-author a',
  '.entry-author',
  '.author a',
  '.author',
  '.byline',
  '.post-author',
  '[class*="byline" i] a',
]
/** Says only that a name may be near; taken where what stands there looks like one. */
const HINTS = '[class*="author" i], [data-testid*="author" i], a[href*="/author/"], a[href*="/authors/"]'
/** `author`, `Author_name`, `blog__authorname`; not `authorization`, not `authored`. */
const AUTHOR_WORD = /author(?:s|name)?(?![a-z])/i
const MAX_HINTS = 40
const PERSON = /^\p{Lu}[\p{L}.'’-]+(?: (?:\p{Ll}{2,3} )?\p{Lu}[\p{L}.'’-]*){1,3}$/u
const NOT_THE_AUTHORS =
  '[class*="comment" i], [class*="related" i], [class*="recommend" i], [class*="review" i], [class*="testimonial" i], nav, aside'
const APART = /^(?:address|br|div|dd|dt|figcaption|h[1-6]|li|p|section|small|time|ul)$/
const NOT_A_NAME =
  /^(?:admin(?:istrator)?|editor(?:ial)?(?: team| staff)?|staff|guest|unknown|anonymous|author|user|null|undefined|none|n\/a|true|false|share|follow|webmaster|root|default|website|posted|written|team|wordpress|shopify|about.*|view.*|more.*|all posts.*)$/i

export function readAuthor(
  document: Document,
  meta: ReadonlyMap<string, string[]>,
  data: StructuredData,
  site: string | null,
): string | null {
  const siteNames = site === null ? [] : [key(site)]
  const structured = data.content().map((node) => data.names(node.author ?? node.creator))
  const declared = [...structured, ...META_NAMES.map((name) => meta.get(name) ?? []), cardAuthor(meta)]
  for (const candidates of declared) {
    const author = join(candidates, siteNames)
    if (author !== null) return author
  }
  // Searching the page costs more than all of the above, so it waits until that has said nothing.
  for (const selector of BYLINES) {
    const element = document.querySelector(selector)
    if (!element || element.closest('[class*="comment" i]')) continue
    const author = join([element.getAttribute('content') ?? firstLine(element)], siteNames)
    if (author !== null) return author
  }
  const hinted = hintedPerson(document, siteNames)
  if (hinted !== null) return hinted
  for (const candidates of spokenBylines(linesNearTitle(document))) {
    const author = join(candidates, siteNames)
    if (author !== null) return author
  }
  // A page that names only its publisher as the author is by its publisher.
  for (const candidates of declared) {
    const author = join(candidates, [])
    if (author !== null) return author
  }
  return null
}

/** The card for social networks has two labelled lines; one of them often says who wrote the page. */
function cardAuthor(meta: ReadonlyMap<string, string[]>): string[] {
  return ['1', '2']
    .filter((line) => /^(?:written )?by$|^author$/i.test(meta.get(`twitter:label${line}`)?.[0] ?? ''))
    .flatMap((line) => meta.get(`twitter:data${line}`) ?? [])
}

function hintedPerson(document: Document, siteNames: readonly string[]): string | null {
  let seen = 0
  for (const element of document.querySelectorAll(HINTS)) {
    if (++seen > MAX_HINTS) break
    const name = cleanName(firstLine(element))
    if (name === null || !PERSON.test(name) || isSiteName(name, siteNames)) continue
    const isSaid = element.localName === 'a' || AUTHOR_WORD.test(element.getAttribute('class') ?? '')
    if (isSaid && element.closest(NOT_THE_AUTHORS) === null) return name
  }
  return null
}

/** The first line of an element that says more than "By": a name, without the office or the date in the next. */
function firstLine(element: Element): string {
  const lines = ['']
  const read = (node: Node): void => {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 3) lines.push(`${lines.pop()} ${child.nodeValue ?? ''}`)
      else if (child.nodeType === 1 && !/^(?:script|style|svg)$/.test((child as Element).localName)) {
        const isApart = APART.test((child as Element).localName)
        if (isApart) lines.push('')
        read(child)
        if (isApart) lines.push('')
      }
    }
  }
  read(element)
  const said = lines.map(text).filter((line) => line !== '')
  const isLead = /^(?:(?:written|posted|published|story|words)\s+)?by:?$|^authors?:?$/i.test(said[0] ?? '')
  return (isLead ? said[1] : said[0]) ?? ''
}

/** "By Ada Lovelace" in one line, or "By" with the name in the next. */
function spokenBylines(lines: readonly string[]): string[][] {
  return lines.flatMap((line, index) => {
    const said =
      /^(?:(?:written|posted|published|story|words|article)\s+)?by\b:?\s*(.*)$/i.exec(line) ??
      /^author:?\s*(.*)$/i.exec(line)
    if (!said) return []
    const name = said[1]?.trim() || (lines[index + 1] ?? '')
    return /^\p{Lu}/u.test(name) && name.length <= 60 ? [[name]] : []
  })
}

function join(candidates: readonly string[], siteNames: readonly string[]): string | null {
  const names: string[] = []
  for (const candidate of candidates) {
    const name = cleanName(candidate)
    if (name !== null && !isSiteName(name, siteNames) && !names.includes(name)) names.push(name)
  }
  return names.length > 0 ? names.slice(0, 10).join(', ') : null
}

/** A name without "By", dates, addresses and counters; null where nothing like a name is left. */
function cleanName(raw: string): string | null {
  let name = text(raw)
    .replace(/^(?:written |posted |published |reviewed |words |story )?by[:\s]+/i, '')
    .replace(/^(?:author|von|par|por|di)[:\s]+/i, '')
  name =
    name
      .split(/\s+[|•·–—]\s+|\s+-\s+|,?\s+(?:on|published|updated|posted|last)\s+|\s*\d{1,2}[./]\d|(?:\s|^)@/i)[0]
      ?.trim()
      .replace(/[,;:|]+$/, '') ?? ''
  if (name.length < 2 || name.length > 80 || NOT_A_NAME.test(name)) return null
  if (/https?:|www\.|@|[{}<>]|\.(?:com|org|net)\b/.test(name) || !/\p{L}/u.test(name) || name.split(' ').length > 8)
    return null
  return name
}
