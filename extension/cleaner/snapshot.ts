/**
 * The live page → a detached document that holds what the person sees, with nothing of the page changed or run.
 *
 * A plain `cloneNode` would lose open shadow roots, frames, what was typed and what is hidden by style. The copy belongs to a
 * document without a window: its scripts cannot run, its images do not load, its custom elements stay plain.
 *
 * What only the live page knows is marked for the later steps: elements that are not shown (the outermost one; its subtree follows
 * unmarked), and inline elements that their style sets apart.
 */

import { BLOCK_ATTRIBUTE, HIDDEN_ATTRIBUTE } from './marks'
import {
  allOf,
  attributeOf,
  attributesOf,
  baseAddressOf,
  bodyOf,
  childNodesOf,
  disarm,
  firstChildOf,
  firstElementChildOf,
  hasAttributeOf,
  implementationOf,
  isShown,
  namespaceOf,
  nodeTypeOf,
  parentElementOf,
  rootOf,
  shadowRootOf,
  tagOf,
  textOf,
} from './unclobbered'

/** Nothing in these is ever the page's text. */
const DROPPED = new Set(['script', 'style', 'canvas', 'template', 'svg', 'object', 'embed', 'link', 'meta', 'head'])
/** What of the head says something about the page. */
const HEAD_SELECTOR = 'title, meta, link[rel~="canonical" i], script[type="application/ld+json" i]'
/** Typed into these is nobody's business but the page's. */
const SECRET_INPUTS = new Set(['password', 'hidden', 'file'])
const SECRET_AUTOCOMPLETE = /\b(?:cc-|one-time-code|current-password|new-password)/i
const VISUALLY_HIDDEN =
  /(?:^|[\s_-])(?:sr-only|visually-?hidden|screen-?reader(?:-text|-only)?|a11y-hidden|offscreen|u-hidden-visually)(?:$|[\s_-])/i
/** Elements whose style is asked for, because they are inline by nature and often blocks by style. */
const MAYBE_BLOCK = new Set(['span', 'a', 'label', 'small', 'time', 'strong', 'b', 'em', 'i', 'u', 'cite'])
const BLOCK_DISPLAY = /^(?:block|flex|grid|list-item|table|flow-root)/
const MAX_FRAME_DEPTH = 3
const ICON_PX = 33

/** One parent whose children are being copied. */
interface Level {
  readonly nodes: ArrayLike<Node>
  next: number
  readonly target: Element
  readonly context: Context
}

interface Context {
  /** Inside something that is not shown, or already known not to need asking. */
  readonly isHidden: boolean
  /** Inside a closed `<details>`, whose content counts although it is folded away. */
  readonly isFolded: boolean
  readonly isCode: boolean
  readonly frameDepth: number
  /** What is selected, or null where everything counts. */
  readonly ranges: readonly Range[] | null
  /** The same for what a slot shows: it stands in the tree around the shadow root. */
  readonly slottedRanges: readonly Range[] | null
}

/**
 * @param selection copies only what is selected, inside the lists, tables and code it stands in
 * @param part copies this element alone
 */
export function snapshot(
  document: Document,
  selection: Selection | null = null,
  part: Element | null = null,
): Document {
  const copy = implementationOf(document).createHTMLDocument('')
  const root = rootOf(document)
  const body = bodyOf(document)
  copyAttributes(root, copy.documentElement)
  copyHead(document, copy)
  if (body) copyAttributes(body, copy.body)
  const ranges = rangesOf(selection)
  copyTree(part ? [part] : childNodesOf(body ?? root), copy.body, {
    isHidden: false,
    isFolded: false,
    isCode: false,
    frameDepth: 0,
    ranges: ranges.length > 0 ? ranges : null,
    slottedRanges: null,
  })
  return copy
}

function copyHead(document: Document, copy: Document): void {
  const base = copy.createElement('base')
  base.setAttribute('href', baseAddressOf(document))
  copy.head.replaceChildren(base)
  const namespace = namespaceOf(rootOf(document))
  for (const element of allOf(document, HEAD_SELECTOR)) {
    // A `<title>` inside a drawing names the drawing.
    if (namespaceOf(element) === namespace) copy.head.append(copy.importNode(element, true))
  }
}

function copyTree(nodes: ArrayLike<Node>, to: Element, context: Context): void {
  const levels: Level[] = [{ nodes, next: 0, target: to, context }]
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const node = level.nodes[level.next++]
    if (node === undefined) {
      levels.pop()
      continue
    }
    if (level.context.ranges && !level.context.ranges.some((range) => range.intersectsNode(node))) {
      if (isCell(node)) level.target.append(level.target.ownerDocument.importNode(node, false))
      continue
    }
    const type = nodeTypeOf(node)
    if (type === 3) copyText(node as Text, level)
    else if (type === 1) {
      const inner = copyElement(node as Element, level)
      if (inner) levels.push(inner)
    }
  }
}

function copyText(node: Text, { target, context }: Level): void {
  const whole = node.data
  if (!context.ranges) {
    target.append(whole)
    return
  }
  for (const range of context.ranges) {
    if (!range.intersectsNode(node)) continue
    const start = range.startContainer === node ? range.startOffset : 0
    const end = range.endContainer === node ? range.endOffset : whole.length
    if (end > start) target.append(whole.slice(start, end))
  }
}

/** Copies one element; returns its children as the next level, or null when there is nothing to go into. */
function copyElement(element: Element, { target, context }: Level): Level | null {
  const tag = tagOf(element)
  if (DROPPED.has(tag) && !isMathScript(element)) return null
  const document = target.ownerDocument
  const frame = tag === 'iframe' || tag === 'frame' ? frameBody(element, context) : null
  // Where there is only text inside, the browser copies it along in one go.
  const isLeaf = !frame && isTextOnly(element, tag, context)
  const copy = frame ? document.createElement('div') : (document.importNode(element, isLeaf) as Element)
  disarm(copy, tag)
  target.append(copy)
  if (tag === 'noscript' || tag === 'script') {
    copy.textContent = textOf(element)
    return null
  }
  const isHidden = context.isHidden || markHidden(element, copy, context)
  if (context.frameDepth > 0) makeAbsolute(element, copy)
  if (copyState(element, copy)) return null
  const isCode = context.isCode || tag === 'pre' || tag === 'code'
  if (!isHidden && !isCode) markBlock(element, copy)
  if (isLeaf) return null
  if (context.ranges && tag === 'ol') keepNumbers(element, copy, context.ranges)
  const next: Context = {
    isHidden,
    isFolded: context.isFolded || (tag === 'details' && !hasAttributeOf(element, 'open')),
    isCode,
    frameDepth: context.frameDepth + (frame ? 1 : 0),
    ranges: context.ranges,
    slottedRanges: context.slottedRanges,
  }
  return childLevel(element, frame, copy, next)
}

function isTextOnly(element: Element, tag: string, { ranges }: Context): boolean {
  return !ranges && firstElementChildOf(element) === null && shadowRootOf(element) === null && tag !== 'slot'
}

/** The children as the person sees them: a shadow root's instead of the host's own, a slot's guests instead of its fallback. */
function childLevel(element: Element, frame: Element | null, target: Element, context: Context): Level | null {
  if (frame) return { nodes: childNodesOf(frame), next: 0, target, context: { ...context, ranges: null } }
  const shadowRoot = shadowRootOf(element)
  if (shadowRoot) {
    const inside = { ...context, ranges: null, slottedRanges: context.ranges }
    return { nodes: childNodesOf(shadowRoot), next: 0, target, context: inside }
  }
  if (tagOf(element) === 'slot') {
    const assigned = (element as HTMLSlotElement).assignedNodes()
    if (assigned.length > 0)
      return { nodes: assigned, next: 0, target, context: { ...context, ranges: context.slottedRanges } }
  }
  return firstChildOf(element) ? { nodes: childNodesOf(element), next: 0, target, context } : null
}

function frameBody(element: Element, context: Context): Element | null {
  if (context.frameDepth >= MAX_FRAME_DEPTH || context.isHidden) return null
  try {
    const inside = (element as HTMLIFrameElement).contentDocument
    return inside && bodyOf(inside)
  } catch {
    // Another origin: what it holds is not ours to read.
    return null
  }
}

/** Marks an element that is not shown, and says whether its subtree is hidden with it. */
function markHidden(element: Element, copy: Element, { isFolded }: Context): boolean {
  // Asking for visibility alone is several times cheaper than asking for a style.
  const isVisible = !isFolded && isShown(element, { visibilityProperty: true })
  const names = attributeOf(element, 'class')
  const mayBeClipped = names !== null && VISUALLY_HIDDEN.test(names)
  if (isVisible && !mayBeClipped) return false
  const style = getComputedStyle(element)
  // `display: contents` has no box of its own; its children are asked one by one.
  if (!isVisible && style.display === 'contents') return false
  const isHidden = isVisible
    ? isClipped(style)
    : style.display === 'none' || style.visibility !== 'visible' || (!isFolded && isSkipped(element))
  if (isHidden) copy.setAttribute(HIDDEN_ATTRIBUTE, '')
  return isHidden
}

/** `content-visibility: hidden` above it; 'auto' (far down a long page) is drawn as soon as it is scrolled to. */
function isSkipped(element: Element): boolean {
  return !isShown(element)
}

function isClipped(style: CSSStyleDeclaration): boolean {
  return (
    style.position === 'absolute' &&
    (style.clip !== 'auto' ||
      style.clipPath !== 'none' ||
      Number.parseFloat(style.width) <= 1 ||
      Number.parseFloat(style.left) < -900)
  )
}

/** Says in the copy how style sets an inline element apart. */
function markBlock(element: Element, copy: Element): void {
  const tag = tagOf(element)
  if (!MAYBE_BLOCK.has(tag) && !tag.includes('-')) return
  if (!BLOCK_DISPLAY.test(getComputedStyle(element).display)) return
  const parent = parentElementOf(element)
  copy.setAttribute(BLOCK_ATTRIBUTE, parent && isFlexRow(parent) ? 'word' : 'block')
}

function isFlexRow(element: Element): boolean {
  const { display, flexDirection } = getComputedStyle(element)
  return display.endsWith('flex') && flexDirection.startsWith('row')
}

/** What the person did to an element since the page was served. Returns true when its content is written here. */
function copyState(element: Element, copy: Element): boolean {
  switch (tagOf(element)) {
    case 'input':
      copyInput(element as HTMLInputElement, copy)
      return true
    case 'textarea':
      copy.textContent = (element as HTMLTextAreaElement).value
      return true
    case 'select':
      // A closed list shows its choice alone.
      for (const option of (element as HTMLSelectElement).selectedOptions) {
        const chosen = copy.ownerDocument.importNode(option, true)
        chosen.setAttribute('selected', '')
        copy.append(chosen)
      }
      return true
    case 'img':
      copyImage(element as HTMLImageElement, copy)
      return true
    default:
      return false
  }
}

function copyInput(input: HTMLInputElement, copy: Element): void {
  const isSecret = SECRET_INPUTS.has(input.type) || SECRET_AUTOCOMPLETE.test(input.getAttribute('autocomplete') ?? '')
  if (isSecret) copy.removeAttribute('value')
  else if (input.type === 'checkbox' || input.type === 'radio') copy.toggleAttribute('checked', input.checked)
  else copy.setAttribute('value', input.value)
}

/** Scripts set the address of lazy images as a property of the source chosen; the size shown tells pictures from icons. */
function copyImage(image: HTMLImageElement, copy: Element): void {
  const source = image.getAttribute('src') ?? ''
  if ((source === '' || source.startsWith('data:')) && /^https?:/.test(image.currentSrc))
    copy.setAttribute('src', image.currentSrc)
  if (!image.complete || image.naturalWidth === 0) return
  const shownWidth = image.width
  if (image.naturalWidth <= 2 || (shownWidth > 0 && shownWidth < ICON_PX))
    copy.setAttribute('width', String(Math.min(shownWidth, image.naturalWidth)))
}

/** Inside a frame addresses count from the frame's own base, which the copy no longer has. */
function makeAbsolute(element: Element, copy: Element): void {
  for (const name of ['href', 'src']) {
    const raw = copy.getAttribute(name)
    if (raw && URL.canParse(raw, baseAddressOf(element)))
      copy.setAttribute(name, new URL(raw, baseAddressOf(element)).href)
  }
}

/** The third item stays the third when only it is selected. */
function keepNumbers(list: Element, copy: Element, ranges: readonly Range[]): void {
  let before = 0
  for (let item = list.firstElementChild; item; item = item.nextElementSibling) {
    if (ranges.some((range) => item !== null && range.intersectsNode(item))) break
    if (item.localName === 'li') before++
  }
  const start = Number.parseInt(list.getAttribute('start') ?? '1', 10)
  if (before > 0) copy.setAttribute('start', String((Number.isFinite(start) ? start : 1) + before))
}

/** Cells that are not selected stay as empty ones, so that the others keep their columns. */
function isCell(node: Node): boolean {
  return nodeTypeOf(node) === 1 && /^t[dh]$/.test(tagOf(node as Element))
}

function isMathScript(element: Element): boolean {
  return element.localName === 'script' && /^math\//i.test(element.getAttribute('type') ?? '')
}

function rangesOf(selection: Selection | null): Range[] {
  const ranges: Range[] = []
  for (let i = 0; i < (selection?.rangeCount ?? 0); i++) {
    const range = selection?.getRangeAt(i)
    if (range && !range.collapsed) ranges.push(range)
  }
  return ranges
}

function copyAttributes(from: Element, to: Element): void {
  for (const { name, value } of attributesOf(from)) {
    try {
      to.setAttribute(name, value)
    } catch {
      // Parsers accept names that setAttribute refuses; none of them means anything to us.
    }
  }
}
