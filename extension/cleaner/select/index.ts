/**
 * The part of a page that people came for.
 *
 * 1. outline: the page as blocks, the smallest stretches kept or dropped whole
 * 2. clues: what the page states about itself
 * 3. judge: small trained models say how likely each block is main content, alone and then among its neighbours
 * 4. threshold: the cut with the best expected word F1 on this very page
 * 5. prune: everything else leaves the document; an empty shell gives way to what its structured data state
 */
import { clues } from './clues'
import { bestThreshold } from './context'
import { judge, type PageType } from './model'
import { revealNoscript } from './noscript'
import { outline } from './outline'
import { prune } from './prune'
import { statedContent } from './stated'
import { structure } from './structure'
import { view } from './view'

export type { PageType } from './model'

export interface Selection {
  /** Holds only what was chosen, in its original nesting. Part of the document passed in, or made for it. */
  root: Element
  /** Expected word F1 of the selection, 0 to 1. */
  confidence: number
  pageType: PageType
}

export type SelectionScope = 'auto' | 'wider' | 'narrower' | 'whole'

/** A text that nobody saw on the page deserves a look. */
const STATED_CONFIDENCE = 0.5

/** How far the threshold moves when a person asks for more or for less. */
const WIDER = 0.4
const NARROWER = 1.8

/**
 * Choose the main content of a page and take everything else out of the document.
 *
 * @param document a snapshot; it is changed
 * @param url its address, for what it says about the kind of page
 */
export function select(document: Document, url: string, scope: SelectionScope = 'auto'): Selection {
  const body = document.body ?? document.documentElement
  revealNoscript(body)
  const page = outline(body)
  const said = clues(document, url)
  const { probability, pageType } = judge(view(page, structure(page), said))
  const { threshold, expected } = bestThreshold({ words: page.blocks.map((block) => block.words) }, probability)
  const kept = page.blocks.map((_, i) => (probability[i] ?? 0) >= cut(scope, threshold))
  const keptWords = page.blocks.reduce((sum, block, i) => sum + (kept[i] ? block.words : 0), 0)
  const stated = statedContent(document, said, keptWords)
  if (stated !== null) return { root: stated, confidence: STATED_CONFIDENCE, pageType }
  return { root: prune(page, kept), confidence: expected, pageType }
}

function cut(scope: SelectionScope, threshold: number): number {
  switch (scope) {
    case 'auto':
      return threshold
    case 'wider':
      return threshold * WIDER
    case 'narrower':
      return Math.min(threshold * NARROWER, (1 + threshold) / 2)
    case 'whole':
      return 0
  }
}
