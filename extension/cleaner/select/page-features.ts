/**
 * What the whole page is like: one row of numbers per page, by which its kind is guessed and its blocks are judged.
 * `training/extract.ts` writes the same numbers down to learn from.
 */
import { wordsOf } from './clues'
import type { OutlineElement, Role } from './outline'
import { hasRole } from './structure'
import type { PageView } from './view'

const matches = (pattern: RegExp, text: string): number => (pattern.test(text) ? 1 : 0)
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)
const log = (value: number): number => Math.log1p(Math.max(0, value))

function hasType(page: PageView, pattern: RegExp): number {
  for (const type of page.clues.types) if (pattern.test(type)) return 1
  return 0
}

const PATH = {
  forum: /forum|thread|topic|question|discussion|community|\/t\/|viewtopic|\/r\/|comments?\//i,
  product: /\/products?\/|\/dp\/|\/p\/|\/item|\/shop\/|\/pd\/|\/buy|\/store\/|-p-?\d+|\/ip\/|\/sku/i,
  documentation: /\/docs?\/|documentation|reference|manual|guide|\/api\/|tutorial|learn|\/help|kb\/|readthedocs|wiki/i,
  collection: /\/collections?|categor|\/c\/|\/shop\/?$|\/browse|\/b\/|\/tag\/|\/s\/|search|\/cat\//i,
  article: /blog|news|article|story|stories|\/20\d\d\/|post|magazine|press/i,
  service: /service|solution|pricing|about|features?|platform|contact|industr|compan/i,
  listing: /list|jobs?\b|directory|events?\b|ranking|top-|best-|index|archive|all\b/i,
} as const

const PAGE_FEATURES: Record<string, (page: PageView) => number> = {
  words: (p) => log(p.words),
  blocks: (p) => log(p.outline.blocks.length),
  linkDensity: (p) => ratio(p.linkWords, p.words),
  proseShare: (p) => ratio(p.proseWords, p.words),
  proseWords: (p) => log(p.proseWords),
  proseBlockWords: (p) => ratio(p.proseWords, p.proseBlocks),
  headings: (p) => log(p.headings),
  priceShare: (p) => ratio(p.prices, p.outline.blocks.length),
  prices: (p) => log(p.prices),
  dateShare: (p) => ratio(p.dates, p.outline.blocks.length),
  dates: (p) => log(p.dates),
  articles: (p) => log(countRole(p, 'article')),
  forms: (p) => log(countRole(p, 'form')),
  tables: (p) => log(countRole(p, 'table')),
  lists: (p) => log(countRole(p, 'list')),
  codes: (p) => log(countRole(p, 'code')),
  quotes: (p) => log(countRole(p, 'quote')),
  pictures: (p) => log(p.structure.pictures[0] ?? 0),
  controls: (p) => log(p.structure.controls[0] ?? 0),
  candidateShare: (p) => subtree(p, p.candidate, p.structure.words) / Math.max(1, p.words),
  candidateProse: (p) => subtree(p, p.candidate, p.structure.proseWords) / Math.max(1, p.proseWords),
  candidateDepth: (p) => p.outline.elements[p.candidate]?.depth ?? -1,
  titleWords: (p) => wordsOf(p.clues.title).length,
  descriptionWords: (p) => wordsOf(p.clues.description).length,
  hasStatedBody: (p) => (p.clues.statedBody.length > 300 ? 1 : 0),
  ogArticle: (p) => matches(/article|blog|news/, p.clues.openGraphType),
  ogProduct: (p) => matches(/product|item/, p.clues.openGraphType),
  ogWebsite: (p) => matches(/website/, p.clues.openGraphType),
  ldArticle: (p) => hasType(p, /article|posting|report|recipe|howto/),
  ldProduct: (p) => hasType(p, /^product|offer|productgroup/),
  ldForum: (p) => hasType(p, /discussionforum|qapage|^question$|comment/),
  ldList: (p) => hasType(p, /itemlist|collectionpage|searchresult/),
  ldBusiness: (p) => hasType(p, /business|service|organization|corporation/),
  ldFaq: (p) => hasType(p, /faqpage/),
  pathDepth: (p) => p.clues.pathParts.length,
  pathHyphens: (p) => (p.clues.pathParts.at(-1) ?? '').split(/[-_]/).length,
  pathDigits: (p) => (p.clues.path.match(/\d/g) ?? []).length,
  hasQuery: (p) => (p.clues.query === '' ? 0 : 1),
  isRoot: (p) => (p.clues.path === '/' || p.clues.path === '' ? 1 : 0),
  ...Object.fromEntries(
    Object.entries(PATH).map(([type, pattern]) => [
      `path_${type}`,
      (p: PageView) =>
        matches(pattern, p.clues.path) ||
        (type !== 'listing' && type !== 'article' ? matches(pattern, `/${p.clues.host.split('.')[0]}/`) : 0),
    ]),
  ),
}

function subtree(page: PageView, index: number, sums: Float64Array): number {
  const element: OutlineElement | undefined = page.outline.elements[index]
  return element === undefined ? 0 : (sums[element.endBlock] ?? 0) - (sums[element.firstBlock] ?? 0)
}

function countRole(page: PageView, role: Role): number {
  let found = 0
  for (const element of page.outline.elements) if (element.roles !== 0) found += hasRole(element.roles, role)
  return found
}

export const PAGE_FEATURE_NAMES = Object.keys(PAGE_FEATURES)
const pageFunctions = Object.values(PAGE_FEATURES)

/** One row of `PAGE_FEATURE_NAMES`. */
export function pageFeatures(page: PageView): Float32Array {
  return Float32Array.from(pageFunctions, (feature) => feature(page))
}
