/** Brings any document into a shape that the later steps can walk without guarding themselves. */

/** Far below what overflows a stack, far above real pages (browsers' own parsers stop at 512, articles stay under 60). */
const MAX_DEPTH = 200

/** Flattens what is nested deeper than `MAX_DEPTH`: its text stays, in order; its deepest structure goes. */
export function boundDepth(root: Element): void {
  let node: Element = root
  let depth = 0
  for (;;) {
    if (depth >= MAX_DEPTH && node.firstElementChild) flatten(node)
    const child = node.firstElementChild
    if (child) {
      node = child
      depth++
      continue
    }
    let next = node.nextElementSibling
    while (!next) {
      const parent = node.parentElement
      if (!parent || node === root) return
      node = parent
      depth--
      if (node === root) return
      next = node.nextElementSibling
    }
    node = next
  }
}

function flatten(element: Element): void {
  const texts: string[] = []
  let node: Node | null = element.firstChild
  while (node && node !== element) {
    if (node.nodeType === 3) texts.push(node.nodeValue ?? '')
    const isCode = node.nodeType === 1 && /^(?:script|style)$/.test((node as Element).localName)
    if (node.firstChild && !isCode) {
      node = node.firstChild
      continue
    }
    while (node && node !== element && !node.nextSibling) node = node.parentNode
    node = node && node !== element ? node.nextSibling : null
  }
  element.textContent = texts.join(' ')
}
