/**
 * Some applications ship their text only inside `<noscript>` and draw it later. A snapshot taken before that, or a
 * saved file, would be an empty page. Where `<noscript>` holds more text than the rest of the page, it is the page.
 */
import { countText, noText } from './words'

/** Below this many words the rest of the page is a shell: real pages that also carry a noscript copy have more. */
const SHELL_WORDS = 400

/** Turn the text of `<noscript>` elements into elements where it is the page. Returns the element to read from. */
export function revealNoscript(body: Element): void {
  const hidden = [...body.getElementsByTagName('noscript')]
  if (hidden.length === 0) return
  const insides = hidden.map(parseInside)
  const inside = insides.reduce((sum, element) => sum + visibleWords(element), 0)
  if (inside < 20) return
  const outside = visibleWords(body)
  if (outside > SHELL_WORDS || outside > inside) return
  hidden.forEach((noscript, i) => {
    const parsed = insides[i]
    if (parsed === null || parsed === undefined) return
    // A template's worth of markup from the page itself; nothing in a detached document runs.
    const holder = body.ownerDocument.createElement('div')
    for (const child of [...parsed.childNodes]) holder.appendChild(body.ownerDocument.importNode(child, true))
    noscript.replaceWith(holder)
  })
}

function parseInside(noscript: Element): Element | null {
  const text = noscript.textContent ?? ''
  if (text.length < 200) return null
  const Parser = noscript.ownerDocument.defaultView?.DOMParser ?? globalThis.DOMParser
  if (Parser === undefined) return null
  const parsed = new Parser().parseFromString(
    `<!doctype html><html><head></head><body>${text}</body></html>`,
    'text/html',
  )
  return parsed.querySelector('body')
}

const SILENT = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe'])

function visibleWords(root: Element | null): number {
  if (root === null) return 0
  const counts = noText()
  let node: Node | null = root.firstChild
  while (node !== null && node !== root) {
    if (node.nodeType === 3) countText(node.nodeValue ?? '', counts)
    const isSilent = node.nodeType === 1 && SILENT.has((node as Element).localName)
    if (!isSilent && node.firstChild !== null) {
      node = node.firstChild
      continue
    }
    while (node !== null && node !== root && node.nextSibling === null) node = node.parentNode
    if (node !== null && node !== root) node = node.nextSibling
  }
  return counts.words
}
