/**
 * The page as flat lists: its elements in document order, and its blocks, the smallest stretches of text that are
 * kept or dropped whole (a paragraph, a heading, a table cell, a run of inline text between two blocks).
 *
 * One walk without recursion. An element knows which range of blocks lies inside it, so whatever we ask about a
 * subtree is a difference of two prefix sums, and the work stays linear in the size of the page.
 */
import { nameGroups } from './vocabulary'
import { countText, noText, type TextCounts } from './words'

export interface Block extends TextCounts {
  /** Index of the innermost element that holds the whole block. */
  element: number
  /** What to keep or drop: text nodes, or one element whose inside is never cut (code, maths). */
  nodes: Node[]
  text: string
  /** How many of the words are inside links. */
  linkWords: number
  links: number
  /** Code, maths and the like: one node, kept or dropped with everything inside. */
  isAtomic: boolean
}

export interface OutlineElement {
  element: Element
  tag: string
  /** Index of the parent in the outline, -1 at the root. */
  parent: number
  depth: number
  /** The blocks inside: from `firstBlock` up to, not including, `endBlock`. */
  firstBlock: number
  endBlock: number
  /** Name groups and roles of this element alone, as bits. */
  names: number
  roles: number
  /** Tag and classes, without their numbers: equal for things made by the same template. */
  signature: number
  childCount: number
  /** The nearest element, this one included, that is not inline. */
  container: number
}

export interface Outline {
  elements: OutlineElement[]
  blocks: Block[]
  /** True where the page was cut at `MAX_ELEMENTS` or `MAX_BLOCKS`. */
  isCut: boolean
}

/** What an element is by its tag, its ARIA role or a hiding attribute. One bit each, in this order. */
export const ROLES = [
  'nav',
  'header',
  'footer',
  'aside',
  'main',
  'article',
  'section',
  'form',
  'table',
  'list',
  'definitions',
  'figure',
  'quote',
  'code',
  'button',
  'dialog',
  'hidden',
  'link',
  'details',
  'label',
  'emphasis',
  'microdata',
] as const
export type Role = (typeof ROLES)[number]
export const roleBit = (role: Role): number => 1 << ROLES.indexOf(role)

const ROLE_OF_TAG: Record<string, Role> = {
  nav: 'nav',
  header: 'header',
  footer: 'footer',
  aside: 'aside',
  main: 'main',
  article: 'article',
  section: 'section',
  form: 'form',
  fieldset: 'form',
  table: 'table',
  ul: 'list',
  ol: 'list',
  dl: 'definitions',
  figure: 'figure',
  blockquote: 'quote',
  pre: 'code',
  code: 'code',
  button: 'button',
  dialog: 'dialog',
  a: 'link',
  details: 'details',
  label: 'label',
  b: 'emphasis',
  strong: 'emphasis',
  em: 'emphasis',
}

const ROLE_OF_ARIA: Record<string, Role> = {
  navigation: 'nav',
  menu: 'nav',
  menubar: 'nav',
  tablist: 'nav',
  banner: 'header',
  contentinfo: 'footer',
  complementary: 'aside',
  main: 'main',
  article: 'article',
  search: 'form',
  form: 'form',
  button: 'button',
  dialog: 'dialog',
  alertdialog: 'dialog',
  list: 'list',
  table: 'table',
}

/** Never text of the page, whatever they hold. */
const SKIPPED = new Set(
  'script style noscript template svg head iframe object embed canvas audio video map select datalist option input link meta base title area param source track progress meter rp'.split(
    ' ',
  ),
)

/** Kept or dropped whole: cutting inside them would break what they say. */
const ATOMIC = new Set(['pre', 'math', 'textarea'])

const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark nobr picture q rb rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
)

const NAMING_ATTRIBUTES = ['class', 'id', 'data-testid', 'data-component', 'aria-label', 'itemprop']

/** Far above real pages; what lies beyond it on a hostile one is dropped. */
const MAX_ELEMENTS = 200_000
const MAX_BLOCKS = 120_000

/** Text kept per block for matching and hints; counting always sees all of it. */
const MAX_BLOCK_TEXT = 20_000

export function outline(root: Element): Outline {
  const elements: OutlineElement[] = []
  const blocks: Block[] = []
  const signatures = new Map<string, number>()
  const groupsOfName = new Map<string, number>()
  let open: Block | null = null
  let lineBreaks = 0
  let linkDepth = 0
  let isCut = false

  const enter = (element: Element, parent: number): number => {
    const tag = element.localName
    const name = NAMING_ATTRIBUTES.map((attributeName) => attribute(element, attributeName)).join(' ')
    let names = groupsOfName.get(name)
    if (names === undefined) {
      names = nameGroups(name)
      groupsOfName.set(name, names)
    }
    const key = `${tag} ${attribute(element, 'class')
      .slice(0, 200)
      .replace(/[\d_-]+/g, '')}`
    let signature = signatures.get(key)
    if (signature === undefined) {
      signature = signatures.size
      signatures.set(key, signature)
    }
    const above = parent < 0 ? undefined : elements[parent]
    if (above !== undefined) above.childCount++
    elements.push({
      element,
      tag,
      parent,
      depth: above === undefined ? 0 : above.depth + 1,
      firstBlock: blocks.length,
      endBlock: blocks.length,
      names,
      roles: rolesOf(element, tag),
      signature,
      childCount: 0,
      container: INLINE.has(tag) && above !== undefined ? above.container : elements.length,
    })
    return elements.length - 1
  }
  const close = (): void => {
    if (open !== null && open.words === 0 && open.chars === 0) blocks.pop()
    open = null
    lineBreaks = 0
  }
  const begin = (element: number): Block => {
    const block: Block = { element, nodes: [], text: '', linkWords: 0, links: 0, isAtomic: false, ...noText() }
    blocks.push(block)
    return block
  }

  let current = enter(root, -1)
  let node: Node | null = root.firstChild
  while (current >= 0) {
    if (node === null) {
      // The current element is done: back to its parent and on to what follows it.
      const done = elements[current] as OutlineElement
      if (!INLINE.has(done.tag)) close()
      if (done.tag === 'a') linkDepth--
      done.endBlock = blocks.length
      node = current === 0 ? null : done.element.nextSibling
      current = done.parent
      continue
    }
    const next: Node | null = node.nextSibling
    if (node.nodeType === 3) {
      const text = node.nodeValue ?? ''
      if (open === null && blocks.length >= MAX_BLOCKS) isCut = true
      else if (open !== null || /\S/.test(text)) {
        if (open === null) {
          open = begin(current)
        } else if (open.element !== current && /\S/.test(text)) {
          open.element = commonAncestor(elements, open.element, current)
        }
        if (/\S/.test(text)) lineBreaks = 0
        addText(open, node, text, linkDepth > 0)
      }
      node = next
      continue
    }
    if (node.nodeType !== 1) {
      node = next
      continue
    }
    const element = node as Element
    const tag = element.localName
    if (tag === 'br') {
      // Two line breaks in a row end a paragraph as surely as a tag does.
      lineBreaks++
      if (lineBreaks >= 2) close()
      node = next
    } else if (SKIPPED.has(tag)) {
      node = next
    } else if (elements.length >= MAX_ELEMENTS || blocks.length >= MAX_BLOCKS) {
      isCut = true
      node = next
    } else if (ATOMIC.has(tag)) {
      close()
      const index = enter(element, current)
      const block = begin(index)
      block.isAtomic = true
      addText(block, element, element.textContent ?? '', false)
      close()
      ;(elements[index] as OutlineElement).endBlock = blocks.length
      node = next
    } else {
      if (!INLINE.has(tag)) close()
      current = enter(element, current)
      if (tag === 'a') {
        linkDepth++
        if (open !== null) open.links++
      }
      node = element.firstChild
    }
  }
  return { elements, blocks, isCut }
}

function addText(block: Block, node: Node, text: string, isLink: boolean): void {
  const before = block.words
  block.nodes.push(node)
  countText(text, block)
  if (block.text.length < MAX_BLOCK_TEXT) block.text += text.slice(0, MAX_BLOCK_TEXT)
  if (isLink) {
    block.linkWords += block.words - before
    if (block.links === 0) block.links = 1
  }
}

/** Deeper than people nest inline markup; on a hostile page the block's container is close enough. */
const MAX_INLINE_DEPTH = 16

function commonAncestor(elements: OutlineElement[], a: number, b: number): number {
  let left = a
  let right = b
  for (let steps = 0; left !== right; steps++) {
    if (steps > MAX_INLINE_DEPTH) return (elements[a] as OutlineElement).container
    // Parents come before their children, so the larger index is never above the smaller.
    if (left > right) left = (elements[left] as OutlineElement).parent
    else right = (elements[right] as OutlineElement).parent
  }
  return left
}

function attribute(element: Element, name: string): string {
  return element.getAttribute(name) ?? ''
}

function rolesOf(element: Element, tag: string): number {
  let bits = 0
  const byTag = ROLE_OF_TAG[tag]
  if (byTag !== undefined) bits |= roleBit(byTag)
  const role = element.getAttribute('role')
  const byAria = role === null ? undefined : ROLE_OF_ARIA[role.toLowerCase()]
  if (byAria !== undefined) bits |= roleBit(byAria)
  if (element.hasAttribute('itemprop') || element.hasAttribute('itemtype')) bits |= roleBit('microdata')
  const style = element.getAttribute('style')
  if (
    element.hasAttribute('hidden') ||
    element.getAttribute('aria-hidden') === 'true' ||
    (style !== null && /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style.slice(0, 500)))
  ) {
    bits |= roleBit('hidden')
  }
  return bits
}
