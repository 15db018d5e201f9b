/**
 * A page → clean Markdown with its facts, by named steps in this order:
 *
 * 1. metadata: before anything is taken away, because titles, bylines and scripts lie outside the content
 * 2. normalise: bounds what hostile pages can do, and makes plain elements of what controls, frames and scripts say
 * 3. select: the part of the page people came for
 * 4. render: its Markdown, its plain text and what was kept
 *
 * Nothing here knows a browser's extension API, so the same code runs on Node's DOM.
 */

import { Addresses, baseAddress, type Counts, render } from './markdown'
import { type Metadata, readMetadata } from './metadata'
import { normalise } from './normalise'
import { select } from './select'

export type Scope = 'auto' | 'wider' | 'narrower' | 'selection' | 'element' | 'whole'

export interface CleanOptions {
  /** What part of the page to take; 'auto' unless said otherwise. */
  readonly scope?: Scope
  /** Links as links, or their text alone. */
  readonly links?: 'keep' | 'text'
  /** Images as images, as their alternative text, or not at all. */
  readonly images?: 'keep' | 'alt' | 'none'
}

export interface CleanPage {
  readonly markdown: string
  /** The same content without any markup, one block to a line. */
  readonly text: string
  readonly metadata: Metadata
  /** The word F1 that the selection expects of itself, 0 to 1; null where it cannot be told. */
  readonly confidence: number | null
  readonly scope: Scope
  readonly pageType: string
  readonly counts: Counts
}

/**
 * Clean a page.
 *
 * @param document a snapshot; it is changed
 * @param url the address it was read from, which relative addresses count from
 */
export function clean(document: Document, url: string, options: CleanOptions = {}): CleanPage {
  const scope = options.scope ?? 'auto'
  const isAsked = scope === 'selection' || scope === 'element' || scope === 'whole'
  const metadata = readMetadata(document, url)
  normalise(document, { dropsHidden: isAsked })
  const addresses = new Addresses(url, baseAddress(document, url))
  const { root, confidence, pageType } = choose(document, url, scope)
  const rendering = render(root, addresses, { links: options.links ?? 'keep', images: options.images ?? 'keep' })
  return { ...rendering, metadata, confidence, scope, pageType }
}

/** What a person has pointed at is taken whole; only there is nothing to be confident about. */
function choose(
  document: Document,
  url: string,
  scope: Scope,
): Omit<ReturnType<typeof select>, 'confidence'> & { confidence: number | null } {
  if (scope !== 'selection' && scope !== 'element') return select(document, url, scope)
  return { ...select(document, url, 'whole'), confidence: null }
}
