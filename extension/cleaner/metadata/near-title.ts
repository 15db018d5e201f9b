/** The lines around the main heading: where pages without any markup for it say who wrote them, and when. */

const MAX_BEFORE = 12
const MAX_AFTER = 30
const MAX_LINE_CHARS = 120
const SILENT = /^(?:script|style|noscript|template|svg|option|button)$/

/** Short stretches of text right after the heading, then those right before it, nearest first. */
export function linesNearTitle(document: Document): string[] {
  const heading = document.querySelector('h1')
  if (!heading) return []
  return [...lines(heading, following, MAX_AFTER), ...lines(heading, preceding, MAX_BEFORE)]
}

function lines(heading: Element, step: (node: Node) => Node | null, limit: number): string[] {
  const found: string[] = []
  let seen = 0
  for (let node = step(heading); node && seen < limit; node = step(node)) {
    if (node.nodeType !== 3 || heading.contains(node)) continue
    const text = (node.nodeValue ?? '').replace(/\s+/g, ' ').trim()
    if (text === '' || SILENT.test(node.parentElement?.localName ?? '')) continue
    seen++
    if (text.length <= MAX_LINE_CHARS) found.push(text)
  }
  return found
}

function following(node: Node): Node | null {
  if (node.firstChild && !SILENT.test(node.nodeName.toLowerCase())) return node.firstChild
  let at: Node | null = node
  while (at && !at.nextSibling) at = at.parentNode
  return at?.nextSibling ?? null
}

function preceding(node: Node): Node | null {
  let before = node.previousSibling
  if (!before) return node.parentNode
  while (before.lastChild && !SILENT.test(before.nodeName.toLowerCase())) before = before.lastChild
  return before
}
