/**
 * Where a link leads, as far as its address says: filters differ from the page in their query, goods and stories have
 * long names, menus go up. Read by hand, because parsing every address of a page takes longer than all other features.
 */
import type { Clues } from './clues'

export interface LinkTarget {
  kind: number
  /** Parts of its path, and how many of the first ones are the page's own. */
  depth: number
  shared: number
  /** Words in the last part, parted by hyphens. */
  slug: number
  /** 2 for a query, 1 for a fragment. */
  query: number
  /** 1 where the last part has a digit. */
  digits: number
}

/** A mail address, a script, nothing. */
const NO_PAGE = 1
const SAME_PAGE = 2
const OTHER_SITE = 3
const SAME_SITE = 4

const MAX_ADDRESS = 500

export function linkTarget(href: string, { host, pathParts: own }: Pick<Clues, 'host' | 'pathParts'>): LinkTarget {
  const found: LinkTarget = { kind: NO_PAGE, depth: 0, shared: 0, slug: 0, query: 0, digits: 0 }
  let address = href.trim().slice(0, MAX_ADDRESS)
  if (address === '') return found
  if (address.startsWith('#')) return { ...found, kind: SAME_PAGE }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)
  if (scheme !== null && !/^https?:$/i.test(scheme[0])) return found
  found.kind = SAME_SITE
  address = address.slice(scheme?.[0].length ?? 0)
  if (address.startsWith('//')) {
    const end = address.slice(2).search(/[/?#]/)
    const name = end < 0 ? address.slice(2) : address.slice(2, end + 2)
    if (withoutWww(name) !== withoutWww(host)) found.kind = OTHER_SITE
    address = end < 0 ? '/' : address.slice(end + 2)
  }
  const question = address.search(/[?#]/)
  if (question >= 0) {
    found.query = address[question] === '?' ? 2 : 1
    address = address.slice(0, question)
  }
  const parts = address.split('/').filter(Boolean)
  found.depth = parts.length
  while (found.shared < parts.length && parts[found.shared] === own[found.shared]) found.shared++
  const last = parts[parts.length - 1] ?? ''
  found.slug = last.split(/[-_]/).length
  found.digits = /\d/.test(last) ? 1 : 0
  const isOwn = found.shared === own.length && parts.length === own.length
  if (question === 0 || (found.kind === SAME_SITE && isOwn)) found.kind = SAME_PAGE
  return found
}

const withoutWww = (name: string): string => name.replace(/^www\./, '')
