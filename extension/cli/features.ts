/** What a Markdown text is made of, read by an independent parser, as bags of things that can be compared. */
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { mathFromMarkdown } from 'mdast-util-math'
import { gfm } from 'micromark-extension-gfm'
import { math } from 'micromark-extension-math'
import { Addresses, withoutTracking } from '../cleaner/markdown/addresses'

export const FEATURES = [
  'headings',
  'lists',
  'tables',
  'links',
  'code',
  'codeLanguage',
  'maths',
  'images',
  'quotes',
] as const
export type Feature = (typeof FEATURES)[number]
export type Features = Record<Feature, string[]>

export interface FeatureOptions {
  /** Addresses count from here. */
  readonly url: string
  /** Whether `$…$` is maths; in texts that never had any it is prices. */
  readonly hasMaths: boolean
  /** Whether a heading's level counts, or its words alone. */
  readonly hasLevels: boolean
  /** Whether it counts that an item is a task, and done. */
  readonly hasTicks: boolean
  /** Whether the indentation of a block of code's first line counts, which some references have lost. */
  readonly hasExactCode: boolean
}

export function features(markdown: string, options: FeatureOptions): Features {
  const found = Object.fromEntries(FEATURES.map((name) => [name, []])) as unknown as Features
  const tree = fromMarkdown(markdown, {
    extensions: [gfm(), ...(options.hasMaths ? [math()] : [])],
    mdastExtensions: [gfmFromMarkdown(), ...(options.hasMaths ? [mathFromMarkdown()] : [])],
  })
  const pending: { node: Nodes; depth: number }[] = [{ node: tree, depth: 0 }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, depth } = next
    collect(node, depth, found, options)
    if (!('children' in node)) continue
    const inner = node.type === 'list' ? depth + 1 : depth
    for (const child of node.children) pending.push({ node: child, depth: inner })
  }
  return found
}

function collect(node: Nodes, depth: number, found: Features, options: FeatureOptions): void {
  const { url, hasLevels, hasTicks } = options
  switch (node.type) {
    case 'heading':
      add(found.headings, words(textOf(node)), hasLevels ? `${node.depth} ` : '')
      break
    case 'listItem': {
      // An item is where it stands and what it says itself; what is nested in it counts for itself.
      const own = node.children.filter((child) => child.type !== 'list')
      add(
        found.lists,
        words(own.map((child) => textOf(child)).join(' ')),
        `${depth} ${hasTicks ? (node.checked ?? '-') : ''} `,
      )
      break
    }
    case 'tableRow':
      node.children.forEach((cell, column) => {
        add(found.tables, words(textOf(cell)), `${column} `)
      })
      break
    case 'link':
      // A place on the page itself does not exist in the Markdown: nobody gains or loses by it.
      if (!isSamePage(node.url, url)) add(found.links, words(textOf(node)), `${absolute(node.url, url)} `)
      break
    case 'code':
      found.code.push(codeOf(node.value, options))
      if (node.lang) found.codeLanguage.push(`${node.lang.toLowerCase()} ${codeOf(node.value, options)}`)
      break
    case 'math':
    case 'inlineMath':
      found.maths.push(node.value.replace(/\s+/g, ''))
      break
    case 'image':
      found.images.push(`${absolute(node.url, url)} ${words(node.alt ?? '')}`)
      break
    case 'blockquote':
      // Block by block, so that a quote without its last line is not another quote.
      for (const child of node.children) add(found.quotes, words(textOf(child)), '')
      break
    default:
      break
  }
}

function codeOf(value: string, { hasExactCode }: FeatureOptions): string {
  return hasExactCode ? value.trimEnd() : value.trim()
}

function add(bag: string[], text: string, prefix: string): void {
  if (text !== '') bag.push(prefix + text)
}

/** The words below a node; a line break parts them, inline tags do not. */
function textOf(node: Nodes): string {
  if (node.type === 'break') return ' '
  if (node.type === 'html') return /^<br/i.test(node.value) ? ' ' : ''
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map((child) => textOf(child)).join(isBlockParent(node) ? ' ' : '') : ''
}

function isBlockParent(node: Nodes): boolean {
  return (
    node.type === 'listItem' ||
    node.type === 'blockquote' ||
    node.type === 'list' ||
    node.type === 'table' ||
    node.type === 'tableRow'
  )
}

/** Letters and digits alone: dashes, quotes and escapes are not structure. */
function words(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

function isSamePage(address: string, url: string): boolean {
  return URL.canParse(address, url) && new Addresses(url).isSamePage(new URL(address, url).href)
}

/** One spelling for the same address, so that a final slash or a campaign's name decides nothing. */
function absolute(address: string, url: string): string {
  if (!URL.canParse(address, url)) return address
  return withoutTracking(new URL(address, url).href).replace(/\/$/, '')
}

export interface Score {
  readonly f1: number
  /** The share of what was found that is wanted; null where nothing was found. */
  readonly precision: number | null
  /** The share of what is wanted that was found. */
  readonly recall: number
}

/** How alike two bags are; null where nothing is wanted. Each entry counts as often as it stands in both. */
export function compare(found: readonly string[], wanted: readonly string[]): Score | null {
  if (wanted.length === 0) return null
  const left = new Map<string, number>()
  for (const entry of wanted) left.set(entry, (left.get(entry) ?? 0) + 1)
  let shared = 0
  for (const entry of found) {
    const count = left.get(entry) ?? 0
    if (count > 0) shared++
    left.set(entry, count - 1)
  }
  return {
    f1: (2 * shared) / (found.length + wanted.length),
    precision: found.length === 0 ? null : shared / found.length,
    recall: shared / wanted.length,
  }
}
