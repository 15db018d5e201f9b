/**
 * Take everything out of the document that was not chosen, leaving what was in its original nesting.
 */
import type { Outline, OutlineElement } from './outline'

/** Kept where they stand inside kept content, though they hold no text. */
const SILENT_KEPT = new Set(['br', 'hr', 'wbr', 'col', 'colgroup'])
const MEDIA = new Set(['img', 'picture', 'source'])
/** Cells stay where their row does: without the empty ones the columns would slip. */
const CELLS = new Set(['td', 'th'])

/** Elements that stand for themselves; the result is always a neutral container around them. */
const NOT_A_ROOT = new Set(
  'p h1 h2 h3 h4 h5 h6 pre ul ol li dl dt dd table thead tbody tfoot tr td th caption blockquote figure figcaption a span b i em strong code picture img math label button summary details'.split(
    ' ',
  ),
)

const ICON_PX = 40

/** Keep the blocks marked in `kept`, return the smallest container that holds them all. */
export function prune(root: Element, page: Outline, kept: boolean[]): Element {
  const alive = new Set<Node>([root])
  const keptWords = new Float64Array(page.blocks.length + 1)
  const allWords = new Float64Array(page.blocks.length + 1)
  page.blocks.forEach((block, i) => {
    keptWords[i + 1] = (keptWords[i] ?? 0) + (kept[i] ? block.words : 0)
    allWords[i + 1] = (allWords[i] ?? 0) + block.words
    if (kept[i]) for (const node of block.nodes) markAlive(node, alive)
  })
  const inside = (sums: Float64Array, element: OutlineElement): number =>
    (sums[element.endBlock] ?? 0) - (sums[element.firstBlock] ?? 0)

  for (const element of page.elements) {
    if (element.tag === 'img' && !isIcon(element.element)) {
      let around: OutlineElement | undefined = element
      while (around !== undefined && inside(allWords, around) === 0) around = page.elements[around.parent]
      // A picture belongs to the text it stands in: it stays if most of that text does.
      if (around !== undefined && around.parent >= 0 && inside(keptWords, around) >= 0.5 * inside(allWords, around)) {
        markAlive(element.element, alive)
      }
    } else if (CELLS.has(element.tag) && element.element.parentNode !== null && alive.has(element.element.parentNode)) {
      alive.add(element.element)
    } else if (element.tag === 'input' && element.element.getAttribute('type') === 'checkbox') {
      const item = element.element.closest('li')
      if (item !== null && alive.has(item)) markAlive(element.element, alive)
    }
  }
  const atomic = new Set<Node>(page.blocks.flatMap((block, i) => (block.isAtomic && kept[i] ? block.nodes : [])))
  sweep(root, alive, atomic)
  return container(root, alive)
}

function markAlive(node: Node, alive: Set<Node>): void {
  for (let at: Node | null = node; at !== null && !alive.has(at); at = at.parentNode) alive.add(at)
}

function sweep(root: Element, alive: Set<Node>, atomic: Set<Node>): void {
  let node: Node | null = root.firstChild
  while (node !== null && node !== root) {
    const isBlank = node.nodeType === 3 && !/\S/.test(node.nodeValue ?? '')
    const name = node.nodeType === 1 ? (node as Element).localName : ''
    const stays =
      alive.has(node) ||
      isBlank ||
      SILENT_KEPT.has(name) ||
      (MEDIA.has(name) && node.parentNode !== null && (node.parentNode as Element).localName === 'picture')
    if (stays && !atomic.has(node) && node.firstChild !== null) {
      node = node.firstChild
      continue
    }
    let next: Node | null = node
    while (next !== null && next !== root && next.nextSibling === null) next = next.parentNode
    const following: Node | null = next === null || next === root ? null : next.nextSibling
    if (!stays) node.parentNode?.removeChild(node)
    node = following
  }
}

function container(root: Element, alive: Set<Node>): Element {
  let at = root
  for (;;) {
    const inner = [...at.childNodes].filter((child) => alive.has(child))
    const only = inner[0]
    if (inner.length !== 1 || only === undefined || only.nodeType !== 1 || NOT_A_ROOT.has((only as Element).localName))
      return at
    at = only as Element
  }
}

function isIcon(image: Element): boolean {
  return ['width', 'height'].some((side) => {
    const value = Number.parseFloat(image.getAttribute(side) ?? '')
    return value > 0 && value <= ICON_PX
  })
}
