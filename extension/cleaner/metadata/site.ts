/** The name of the site a page belongs to. */

import type { StructuredData } from './structured'
import { isObject } from './structured'

export function readSite(document: Document, meta: ReadonlyMap<string, string[]>, data: StructuredData): string | null {
  const website = data.ofType(/^WebSite$/)[0]
  const publisher = data.content().find((node) => isObject(node.publisher))?.publisher
  const candidates = [
    meta.get('og:site_name')?.[0],
    meta.get('application-name')?.[0],
    website ? data.names(website)[0] : undefined,
    publisher ? data.names(publisher)[0] : undefined,
    meta.get('apple-mobile-web-app-title')?.[0],
    document.querySelector('[itemprop="publisher"] [itemprop="name"]')?.textContent,
  ]
  for (const candidate of candidates) {
    const stated = candidate?.replace(/\s+/g, ' ').trim() ?? ''
    if (stated.length > 80 || /^https?:|[{}<>]|^@/.test(stated)) continue
    // Templates join it to a title, and some leave the joint.
    const name = stated.replace(/^[ |·–—»-]+|[ |·–—»-]+$/g, '')
    if (name !== '') return name
  }
  return null
}
