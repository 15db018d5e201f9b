/** From one part of a page to the next: what the arrow keys do while a part is picked. Reads, and changes nothing. */

import { parentElementOf, shadowRootOf, tagOf } from '../cleaner/unclobbered'

/** What a press of an arrow key asks for. */
export type Step = 'larger' | 'smaller' | 'next' | 'previous'

/** The part that an element stands in: words, links and cells alone are rarely what anyone points at. */
export function partAt(element: Element): Element {
  let part = element
  while (isPiece(part)) {
    const around = parentOf(part)
    if (around === null) return part
    part = around
  }
  return part
}

/**
 * Where a step leads, or the same part where it leads nowhere.
 *
 * @param under what the person was on before going to something larger, so that "smaller" leads back
 */
export function step(part: Element, towards: Step, under: Element | null): Element {
  switch (towards) {
    case 'larger':
      return partAt(parentOf(part) ?? part)
    case 'smaller':
      return (under !== null && part.contains(under) ? childTowards(part, under) : firstWithin(part)) ?? part
    case 'next':
      return beside(part, (element) => element.nextElementSibling) ?? part
    case 'previous':
      return beside(part, (element) => element.previousElementSibling) ?? part
  }
}

/** Through a shadow root to the element it belongs to, as the page looks. */
function parentOf(element: Element): Element | null {
  const root = element.getRootNode()
  return parentElementOf(element) ?? (root instanceof ShadowRoot ? root.host : null)
}

function childTowards(part: Element, under: Element): Element | null {
  let child: Element | null = under
  while (child && parentElementOf(child) !== part) child = parentElementOf(child)
  return child && isPart(child) ? child : firstWithin(part)
}

/** The first part inside; through wrappers that hold nothing else it goes all the way, since they look the same. */
function firstWithin(part: Element): Element | null {
  const parts = [...(shadowRootOf(part) ?? part).children].filter(isPart)
  const [first] = parts
  if (parts.length === 1 && first) return firstWithin(first) ?? first
  return first ?? null
}

function beside(part: Element, towards: (element: Element) => Element | null): Element | null {
  for (let element = towards(part); element; element = towards(element)) if (isPart(element)) return element
  return null
}

function isPart(element: Element): boolean {
  return !isPiece(element) && element.getClientRects().length > 0
}

const PIECES_OF_TABLES = new Set(['td', 'th', 'tr', 'thead', 'tbody', 'tfoot', 'caption', 'colgroup', 'col'])

/** Means little without what is around it. The cells of a table without headings may well be a page's columns. */
function isPiece(element: Element): boolean {
  if (PIECES_OF_TABLES.has(tagOf(element))) return element.closest('table')?.querySelector('th') != null
  return /^(inline|contents|ruby)/.test(getComputedStyle(element).display) && tagOf(element) !== 'img'
}
