/** Title, author, dates, site, address, language and direction of a page, from whichever source says it best. */

import { readAuthor } from './author'
import { readDates } from './published'
import { readSite } from './site'
import { readMeta, StructuredData } from './structured'
import { readTitle } from './title'
import type { Metadata } from './types'

export type { Metadata } from './types'

const RTL_LANGUAGES = /^(?:ar|he|iw|fa|ur|ps|sd|ug|yi|dv|ckb|syr)\b/i

/** @param url the address the document was read from */
export function readMetadata(document: Document, url: string): Metadata {
  const data = new StructuredData(document)
  const meta = readMeta(document)
  const site = readSite(document, meta, data)
  const language = readLanguage(document, meta)
  const dates = readDates(document, meta, data, url, language)
  return {
    title: readTitle(document, meta, data, site, url),
    author: readAuthor(document, meta, data, site),
    ...dates,
    site,
    canonicalUrl: readCanonical(document, meta, url),
    language,
    direction: readDirection(document, language),
  }
}

function readLanguage(document: Document, meta: ReadonlyMap<string, string[]>): string | null {
  const candidates = [
    document.documentElement?.getAttribute('lang'),
    document.documentElement?.getAttribute('xml:lang'),
    document.body?.getAttribute('lang'),
    document.querySelector('meta[http-equiv="content-language" i]')?.getAttribute('content'),
    meta.get('og:locale')?.[0],
    meta.get('language')?.[0],
  ]
  for (const candidate of candidates) {
    const language =
      candidate
        ?.trim()
        .split(/[,;\s]/)[0]
        ?.replace('_', '-') ?? ''
    if (/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(language)) return language
  }
  return null
}

function readDirection(document: Document, language: string | null): 'ltr' | 'rtl' {
  const written = document.documentElement?.getAttribute('dir') ?? document.body?.getAttribute('dir') ?? ''
  if (/^rtl$/i.test(written)) return 'rtl'
  if (/^ltr$/i.test(written)) return 'ltr'
  return language !== null && RTL_LANGUAGES.test(language) ? 'rtl' : 'ltr'
}

/** The page's own idea of its address, unless it points at the bare front page of its site, as broken templates do. */
function readCanonical(document: Document, meta: ReadonlyMap<string, string[]>, url: string): string | null {
  const candidates = [
    document.querySelector('link[rel~="canonical" i]')?.getAttribute('href'),
    meta.get('og:url')?.[0],
    meta.get('twitter:url')?.[0],
  ]
  for (const candidate of candidates) {
    if (!candidate || !URL.canParse(candidate, url)) continue
    const canonical = new URL(candidate, url)
    if (!/^https?:$/.test(canonical.protocol)) continue
    const isFront = canonical.pathname === '/' && canonical.search === ''
    const isPageFront = URL.canParse(url) && new URL(url).pathname === '/'
    if (!isFront || isPageFront) return canonical.href
  }
  return null
}
