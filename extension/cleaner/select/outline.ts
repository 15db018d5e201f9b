/**
 * The page as flat lists: its elements in document order, and its blocks, the smallest stretches of text that are
 * kept or dropped whole (a paragraph, a heading, a table cell, a run of inline text between two blocks).
 *
 * One walk without recursion. An element knows which range of blocks lies inside it, so whatever we ask about a
 * subtree is a difference of two prefix sums, and the work stays linear in the size of the page.
 */
import { nameGroups } from './vocabulary'
import { countText, isBlank, noText, type TextCounts, WordList } from './words'

export interface Block extends TextCounts {
  /** Index of the innermost element that holds the whole block. */
  element: number
  /** What to keep or drop: text nodes, or one element whose inside is never cut (code, maths). */
  nodes: ChildNode[]
  /** The elements those nodes stand in, by index. */
  parents: number[]
  text: string
  /** How many of the words are inside links. */
  linkWords: number
  links: number
  /** Index of the first link it stands in or holds, -1 if none. */
  link: number
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
  /** 1 to 6 for h1 to h6, 0 for all others. */
  heading: number
  /** The nearest element, this one included, that is not inline. */
  container: number
}

export interface Outline {
  elements: OutlineElement[]
  blocks: Block[]
  /** Nodes that are no part of the page's text, with the elements they stand in: scripts, drawings, what is past the limits. */
  skipped: { node: ChildNode; parent: number }[]
  /** All words in order; those of a block follow those of the block before. */
  words: WordList
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

const ROLE_OF_TAG = bits({
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
})

const ROLE_OF_ARIA = bits({
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
})

function bits(roles: Record<string, Role>): ReadonlyMap<string, number> {
  return new Map(Object.entries(roles).map(([name, role]) => [name, roleBit(role)]))
}

type Kind = 'block' | 'inline' | 'atomic' | 'skipped'
const KINDS: ReadonlyMap<string, Kind> = new Map([
  // Never text of the page, whatever they hold.
  ...kinds(
    'skipped',
    'script style noscript template svg head iframe object embed canvas audio video map select datalist option input link meta base title area param source track progress meter rp',
  ),
  // Kept or dropped whole: cutting inside them would break what they say.
  ...kinds('atomic', 'pre math textarea'),
  ...kinds(
    'inline',
    'a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark nobr q rb rt ruby s samp small span strike strong sub sup time tt u var wbr picture',
  ),
])

function kinds(kind: Kind, tags: string): [string, Kind][] {
  return tags.split(' ').map((tag) => [tag, kind])
}

const kindOf = (tag: string): Kind => KINDS.get(tag) ?? 'block'

const NAMING_ATTRIBUTES = new Set(['class', 'id', 'data-testid', 'data-component', 'aria-label', 'itemprop'])
const READ_ATTRIBUTES = new Set([...NAMING_ATTRIBUTES, 'role', 'itemtype', 'hidden', 'aria-hidden', 'style'])
const HIDING_STYLE = /display\s*:\s*none|visibility\s*:\s*hidden/i

/** Far above real pages; what lies beyond it on a hostile one is dropped. */
const MAX_ELEMENTS = 200_000
const MAX_BLOCKS = 120_000

/** Text kept per block for matching and hints; counting always sees all of it. */
const MAX_BLOCK_TEXT = 20_000

/** Cut a page into blocks. Reads the tree and changes nothing. */
export function outline(root: Element): Outline {
  return new Walk().over(root)
}

class Walk {
  private readonly elements: OutlineElement[] = []
  private readonly blocks: Block[] = []
  private readonly skipped: { node: ChildNode; parent: number }[] = []
  private readonly words = new WordList()
  private readonly names = new Names()
  /** The block that the next inline text belongs to. */
  private open: Block | null = null
  private lineBreaks = 0
  private linkDepth = 0
  private link = -1
  private current = 0

  over(root: Element): Outline {
    this.current = this.enter(root, root.localName, -1)
    let node: ChildNode | null = root.firstChild
    while (this.current >= 0) {
      if (node === null) node = this.leave()
      else if (node.nodeType === 1) node = this.element(node as Element)
      else {
        if (node.nodeType === 3) this.text(node as Text)
        node = node.nextSibling
      }
    }
    const { elements, blocks, skipped, words } = this
    return { elements, blocks, skipped, words }
  }

  /** Takes in an element; returns the node to go on with. */
  private element(element: Element): ChildNode | null {
    const tag = element.localName
    const kind = kindOf(tag)
    if (tag === 'br') {
      // Two line breaks in a row end a paragraph as surely as a tag does.
      this.lineBreaks++
      if (this.lineBreaks >= 2) this.close()
    } else if (kind === 'skipped' || this.elements.length >= MAX_ELEMENTS || this.blocks.length >= MAX_BLOCKS) {
      this.skipped.push({ node: element, parent: this.current })
    } else if (kind === 'atomic') {
      this.atom(element, tag)
    } else {
      if (kind === 'block') this.close()
      this.current = this.enter(element, tag, this.current)
      if (tag === 'a') {
        this.linkDepth++
        this.link = this.current
        if (this.open !== null) this.open.links++
      }
      return element.firstChild
    }
    return element.nextSibling
  }

  /** Back to the parent of the current element; returns what follows it. */
  private leave(): ChildNode | null {
    const done = this.elements[this.current] as OutlineElement
    if (kindOf(done.tag) !== 'inline') this.close()
    if (done.tag === 'a') this.linkDepth--
    done.endBlock = this.blocks.length
    const isRoot = this.current === 0
    this.current = done.parent
    return isRoot ? null : done.element.nextSibling
  }

  private text(node: Text): void {
    const text = node.data
    const blank = isBlank(text)
    if (this.open === null) {
      if (blank) return
      if (this.blocks.length >= MAX_BLOCKS) {
        this.skipped.push({ node, parent: this.current })
        return
      }
      this.open = this.begin(this.current)
    } else if (this.open.element !== this.current && !blank) {
      this.open.element = commonAncestor(this.elements, this.open.element, this.current)
    }
    if (!blank) this.lineBreaks = 0
    this.add(this.open, node, this.current, text, this.linkDepth > 0)
  }

  private atom(element: Element, tag: string): void {
    this.close()
    const parent = this.current
    const index = this.enter(element, tag, parent)
    const block = this.begin(index)
    block.isAtomic = true
    // Code that is a link as a whole is code first.
    this.add(block, element, parent, element.textContent ?? '', false)
    this.open = block
    this.close()
    ;(this.elements[index] as OutlineElement).endBlock = this.blocks.length
  }

  private begin(element: number): Block {
    const block: Block = {
      element,
      nodes: [],
      parents: [],
      text: '',
      linkWords: 0,
      links: 0,
      link: -1,
      isAtomic: false,
      ...noText(),
    }
    this.blocks.push(block)
    return block
  }

  private close(): void {
    if (this.open !== null && this.open.chars === 0) this.blocks.pop()
    this.open = null
    this.lineBreaks = 0
  }

  private add(block: Block, node: ChildNode, parent: number, text: string, isLink: boolean): void {
    const before = block.words
    block.nodes.push(node)
    block.parents.push(parent)
    countText(text, block, this.words)
    if (block.text.length < MAX_BLOCK_TEXT) block.text += text.slice(0, MAX_BLOCK_TEXT)
    if (isLink) {
      block.linkWords += block.words - before
      if (block.link < 0) block.link = this.link
      if (block.links === 0) block.links = 1
    }
  }

  private enter(element: Element, tag: string, parent: number): number {
    const above = this.elements[parent]
    const index = this.elements.length
    const { names, roles, signature } = this.names.read(element, tag)
    this.elements.push({
      element,
      tag,
      parent,
      depth: above === undefined ? 0 : above.depth + 1,
      firstBlock: this.blocks.length,
      endBlock: this.blocks.length,
      names,
      roles,
      signature,
      heading: tag.length === 2 && tag >= 'h1' && tag <= 'h6' ? Number(tag[1]) : 0,
      container: above !== undefined && kindOf(tag) === 'inline' ? above.container : index,
    })
    return index
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

/** What the attributes of elements say. Pages repeat themselves, so what was read once is remembered. */
class Names {
  private readonly groups = new Map<string, number>()
  private readonly signatures = new Map<string, number>()
  private readonly signatureOf = new Map<string, number>()

  read(element: Element, tag: string): Pick<OutlineElement, 'names' | 'roles' | 'signature'> {
    let roles = ROLE_OF_TAG.get(tag) ?? 0
    let names = 0
    let classes = ''
    // Asking for the few attributes an element has is cheaper than asking for all that might matter.
    if (element.hasAttributes()) {
      for (const name of element.getAttributeNames()) {
        if (!READ_ATTRIBUTES.has(name)) continue
        const value = element.getAttribute(name) ?? ''
        if (name === 'class') classes = value
        if (NAMING_ATTRIBUTES.has(name)) names |= this.groupsOf(value)
        roles |= roleOfAttribute(name, value)
      }
    }
    return { names, roles, signature: this.signature(tag, classes) }
  }

  private groupsOf(value: string): number {
    let groups = this.groups.get(value)
    if (groups === undefined) {
      groups = nameGroups(value)
      this.groups.set(value, groups)
    }
    return groups
  }

  private signature(tag: string, classes: string): number {
    const raw = classes === '' ? tag : `${tag} ${classes}`
    const known = this.signatureOf.get(raw)
    if (known !== undefined) return known
    const key = `${tag} ${classes.slice(0, 200).replace(/[\d_-]+/g, '')}`
    const signature = this.signatures.get(key) ?? this.signatures.size
    this.signatures.set(key, signature)
    this.signatureOf.set(raw, signature)
    return signature
  }
}

function roleOfAttribute(name: string, value: string): number {
  switch (name) {
    case 'role':
      return ROLE_OF_ARIA.get(value.toLowerCase()) ?? 0
    case 'itemprop':
    case 'itemtype':
      return roleBit('microdata')
    case 'hidden':
      return roleBit('hidden')
    case 'aria-hidden':
      return value === 'true' ? roleBit('hidden') : 0
    case 'style':
      return HIDING_STYLE.test(value.slice(0, 500)) ? roleBit('hidden') : 0
    default:
      return 0
  }
}
