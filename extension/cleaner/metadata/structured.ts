/** JSON-LD and `<meta>`: what pages publish for machines, read without trusting any of it. */

export type JsonObject = { readonly [key: string]: unknown }

/** Bounds for hostile pages; real ones stay far below. */
const MAX_SCRIPTS = 40
const MAX_SCRIPT_CHARS = 500_000
const MAX_NODES = 5_000

const PAGE_TYPES =
  /(?:Article|BlogPosting|Posting|Report|Recipe|Product|Book|Course|Event|JobPosting|HowTo|FAQPage|QAPage|Question|SoftwareApplication|Movie|VideoObject|PodcastEpisode|Review|CreativeWork|WebPage|AboutPage|CollectionPage|ItemPage|ProfilePage|Service|LocalBusiness)$/
/** A page's `WebPage` node repeats the browser title; these say what the page is about. */
const WEAK_TYPES = /(?:WebPage|AboutPage|CollectionPage|ItemPage|FAQPage|QAPage|CreativeWork)$/

export class StructuredData {
  private readonly nodes: JsonObject[] = []
  private readonly byId = new Map<string, JsonObject>()

  constructor(document: Document) {
    let count = 0
    for (const script of document.querySelectorAll('script[type="application/ld+json" i]')) {
      if (++count > MAX_SCRIPTS) break
      this.add(parse(script.textContent ?? ''))
    }
  }

  /** Nodes that describe the page's content, the most specific first. */
  content(): JsonObject[] {
    const content = this.nodes.filter((node) => typesOf(node).some((type) => PAGE_TYPES.test(type)))
    const strength = (node: JsonObject): number =>
      typesOf(node).some((type) => !WEAK_TYPES.test(type) && PAGE_TYPES.test(type)) ? 0 : 1
    return content
      .map((node, index) => ({ node, index }))
      .sort((a, b) => strength(a.node) - strength(b.node) || a.index - b.index)
      .map(({ node }) => node)
  }

  ofType(pattern: RegExp): JsonObject[] {
    return this.nodes.filter((node) => typesOf(node).some((type) => pattern.test(type)))
  }

  /** The names in a person-like value: a string, an object, a list of either, or a reference to another node. */
  names(value: unknown, depth = 0): string[] {
    if (depth > 4) return []
    if (typeof value === 'string') return [value]
    if (Array.isArray(value)) return value.slice(0, 20).flatMap((entry) => this.names(entry, depth + 1))
    if (!isObject(value)) return []
    const name = value.name ?? value.givenName
    if (name !== undefined) return this.names(name, depth + 1)
    const id = value['@id']
    const target = typeof id === 'string' ? this.byId.get(id) : undefined
    return target && target !== value ? this.names(target, depth + 1) : []
  }

  private add(value: unknown): void {
    const pending: unknown[] = [value]
    for (let seen = 0; pending.length > 0 && seen < MAX_NODES; seen++) {
      const next = pending.shift()
      if (Array.isArray(next)) pending.unshift(...next.slice(0, 200))
      else if (isObject(next)) {
        const id = next['@id']
        if (typeof id === 'string' && (!this.byId.has(id) || next.name !== undefined)) this.byId.set(id, next)
        if (next['@type'] !== undefined) this.nodes.push(next)
        for (const key of [
          '@graph',
          'mainEntity',
          'mainEntityOfPage',
          'itemReviewed',
          'hasPart',
          'author',
          'publisher',
        ]) {
          if (typeof next[key] === 'object') pending.push(next[key])
        }
      }
    }
  }
}

/** `<meta>` by name, property or itemprop, lower-cased; the first one of each name counts, empty ones do not. */
export function readMeta(document: Document): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>()
  for (const meta of document.querySelectorAll('meta[content]')) {
    const content = (meta.getAttribute('content') ?? '').trim()
    if (content === '' || content.length > 5_000) continue
    for (const key of [meta.getAttribute('name'), meta.getAttribute('property'), meta.getAttribute('itemprop')]) {
      const name = key?.trim().toLowerCase()
      if (!name) continue
      const values = found.get(name)
      if (values === undefined) found.set(name, [content])
      else if (values.length < 20) values.push(content)
    }
  }
  return found
}

export function typesOf(node: JsonObject): string[] {
  const type = node['@type']
  return (Array.isArray(type) ? type : [type]).filter((entry): entry is string => typeof entry === 'string')
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON as pages write it: in comments, with raw line breaks inside strings, with a stray semicolon. */
function parse(source: string): unknown {
  if (source.length > MAX_SCRIPT_CHARS) return null
  const json = source
    .replace(/^\s*(?:<!--|\/\*<!\[CDATA\[\*\/|<!\[CDATA\[|\/\/<!\[CDATA\[)/, '')
    .replace(/(?:-->|\/\*\]\]>\*\/|\]\]>|;)\s*$/, '')
  for (const attempt of [json, json.replace(/\p{Cc}+/gu, ' ')]) {
    try {
      return JSON.parse(attempt)
    } catch {
      // The next attempt is more forgiving; a page whose JSON nobody can read has other sources.
    }
  }
  return null
}
