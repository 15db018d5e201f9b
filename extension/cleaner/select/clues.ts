/**
 * What the page says about itself outside its text: title, description, Open Graph, structured data, its address.
 */
export interface Clues {
  title: string
  description: string
  openGraphType: string
  /** Lower-cased `@type`s of all JSON-LD and microdata on the page. */
  types: Set<string>
  /** The longest text JSON-LD gives for the page's own thing (articleBody, text), or empty. */
  statedBody: string
  /** `description` of a product or page in JSON-LD, or empty. */
  statedDescription: string
  statedName: string
  path: string
  /** The path between its slashes. */
  pathParts: string[]
  query: string
  host: string
}

const MAX_SCRIPT_CHARS = 2_000_000
const MAX_JSON_NODES = 20_000
const BODY_KEYS = new Set(['articlebody', 'text', 'reviewbody', 'recipeinstructions'])

export function clues(document: Document, url: string): Clues {
  const found: Clues = {
    title: (document.getElementsByTagName('title')[0]?.textContent ?? '').slice(0, 500),
    description: '',
    openGraphType: '',
    types: new Set(),
    statedBody: '',
    statedDescription: '',
    statedName: '',
    path: '',
    pathParts: [],
    query: '',
    host: '',
  }
  try {
    const address = new URL(url)
    found.path = address.pathname
    found.pathParts = address.pathname.split('/').filter(Boolean)
    found.query = address.search
    found.host = address.hostname
  } catch {
    // A page without a usable address is still a page.
  }
  // By tag name: a selector engine, asked for attributes, takes longer than everything else here.
  for (const meta of document.getElementsByTagName('meta')) {
    const name = (meta.getAttribute('property') ?? meta.getAttribute('name') ?? '').toLowerCase()
    const content = (meta.getAttribute('content') ?? '').slice(0, 2000)
    if (name === 'og:type') found.openGraphType = content.toLowerCase()
    else if (name === 'og:title' && content !== '') found.title = `${found.title} ${content}`
    else if ((name === 'description' || name === 'og:description') && content.length > found.description.length) {
      found.description = content
    }
  }
  for (const script of document.getElementsByTagName('script')) {
    if (script.getAttribute('type')?.toLowerCase() !== 'application/ld+json') continue
    const text = script.textContent ?? ''
    if (text.length <= MAX_SCRIPT_CHARS) readStructuredData(text, found)
  }
  return found
}

function readStructuredData(text: string, found: Clues): void {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    try {
      // Raw line breaks inside strings are the most common mistake in the wild.
      data = JSON.parse(text.replace(/[\r\n\t]+/g, ' '))
    } catch {
      return
    }
  }
  const pending: unknown[] = [data]
  for (let seen = 0; pending.length > 0 && seen < MAX_JSON_NODES; seen++) {
    const value = pending.pop()
    if (Array.isArray(value)) {
      pending.push(...value.slice(0, 1000))
      continue
    }
    if (typeof value !== 'object' || value === null) continue
    for (const [key, inner] of Object.entries(value)) {
      const lower = key.toLowerCase()
      if (typeof inner === 'string') {
        if (lower === '@type') found.types.add(inner.toLowerCase())
        else if (BODY_KEYS.has(lower) && inner.length > found.statedBody.length) found.statedBody = inner
        else if (lower === 'description' && inner.length > found.statedDescription.length)
          found.statedDescription = inner
        else if (lower === 'name' && found.statedName === '') found.statedName = inner
      } else if (lower === '@type' && Array.isArray(inner)) {
        for (const type of inner) if (typeof type === 'string') found.types.add(type.toLowerCase())
      } else {
        pending.push(inner)
      }
    }
  }
}

/** The lower-cased words of a text, as the benchmark counts them. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}
