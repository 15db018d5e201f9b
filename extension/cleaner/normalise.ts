/**
 * Any document → one that the later steps can read without special cases.
 *
 * - Nesting is bounded, so that nothing later overflows.
 * - What is not shown goes.
 * - What a page says through a control, a frame or a script (typed text, a chosen option, a video, maths, a lazy image, code in a
 *   table of lines) becomes plain elements, which selection can weigh like any other text and Markdown can write.
 */

import { codeLanguage, codeText, isCodeTable } from './markdown/code'
import { lazyAddress } from './markdown/images'
import { isMathScript, readMaths } from './markdown/maths'
import { signIn } from './markdown/tables'
import { HIDDEN_ATTRIBUTE, LANGUAGE_ATTRIBUTE, SIGN_ATTRIBUTE, TASK_ATTRIBUTE } from './marks'

/** Far below what overflows a stack, far above real pages (browsers' own parsers stop at 512, articles stay under 60). */
const MAX_DEPTH = 200

type Step = (element: Element) => void

export interface NormaliseOptions {
  /** Whether elements that say they are hidden go too. In a file they may be content that a script would have shown. */
  readonly dropsHidden: boolean
}

export function normalise(document: Document, { dropsHidden }: NormaliseOptions): void {
  const body = document.body ?? document.documentElement
  const unseen: Element[] = []
  const special: [Element, Step][] = []
  walk(body, (element) => {
    if (element.hasAttribute(HIDDEN_ATTRIBUTE) || (dropsHidden && saysHidden(element))) {
      unseen.push(element)
      return
    }
    const step = STEPS.get(element.localName) ?? (isCodeEditor(element) ? plainCode : undefined)
    if (step) special.push([element, step])
  })
  for (const element of unseen) element.remove()
  for (const [element, step] of special) step(element)
}

const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['input', input],
  ['textarea', textarea],
  ['select', select],
  ['iframe', media],
  ['video', media],
  ['script', mathScript],
  ['noscript', noscript],
  ['pre', language],
  ['table', codeTable],
  ['td', sign],
])

/** Visits every element in order, without recursion, and flattens what is nested too deep. */
function walk(root: Element, visit: (element: Element) => void): void {
  let node: Element = root
  let depth = 0
  for (;;) {
    if (node !== root) visit(node)
    if (depth >= MAX_DEPTH && node.firstElementChild) flatten(node)
    const child = node.firstElementChild
    if (child) {
      node = child
      depth++
      continue
    }
    let next = node === root ? null : node.nextElementSibling
    while (!next) {
      const parent: Element | null = node === root ? null : node.parentElement
      if (!parent || parent === root) return
      node = parent
      depth--
      next = node.nextElementSibling
    }
    node = next
  }
}

/** The text of a subtree stays, in order; its structure goes. */
function flatten(element: Element): void {
  const texts: string[] = []
  let node: Node | null = element.firstChild
  while (node) {
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

function saysHidden(element: Element): boolean {
  const hidden = element.getAttribute('hidden')
  if (hidden !== null) return hidden !== 'until-found'
  const style = element.getAttribute('style')
  return style !== null && /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(style)
}

const FOLDED_TAGS = new Set(['div', 'section', 'article', 'p', 'nav', 'table', 'dl', 'pre', 'blockquote'])

const TYPED_INPUTS = new Set([
  'text',
  'email',
  'url',
  'tel',
  'number',
  'date',
  'datetime-local',
  'month',
  'week',
  'time',
])

function input(element: Element): void {
  const type = (element.getAttribute('type') ?? 'text').toLowerCase()
  const value = element.getAttribute('value') ?? ''
  if (type === 'checkbox') tick(element)
  else if (type === 'radio' && element.hasAttribute('checked')) replaceWithText(element, '☑ ')
  else if (TYPED_INPUTS.has(type) && value.trim() !== '') replaceWithText(element, ` ${value} `)
}

/** A checkbox that opens a list item makes it a task, unless it is a card; any other one only says that it is ticked. */
function tick(box: Element): void {
  const isTicked = box.hasAttribute('checked')
  const item = box.closest('li')
  const isCard = item?.querySelector('h1, h2, h3, h4, h5, h6') != null
  if (item && !isCard && textBefore(item, box) === '' && !isSwitch(box))
    item.setAttribute(TASK_ATTRIBUTE, String(isTicked))
  else if (isTicked && !isSwitch(box)) replaceWithText(box, '☑ ')
}

/** Style sheets fold the blocks after a checkbox by its state; then it says nothing about them. */
function isSwitch(box: Element): boolean {
  if (box.hasAttribute('disabled')) return false
  // A label or two may stand between; looking no further keeps a page of boxes linear.
  for (let next = box.nextElementSibling, i = 0; next && i < 4; next = next.nextElementSibling, i++)
    if (FOLDED_TAGS.has(next.localName)) return true
  return false
}

function textBefore(container: Element, element: Element): string {
  let text = ''
  let node: Node | null = element
  while (node && node !== container) {
    for (let before = node.previousSibling; before; before = before.previousSibling) text += before.textContent ?? ''
    node = node.parentNode
  }
  return text.trim()
}

function textarea(element: Element): void {
  const document = element.ownerDocument
  const typed = document.createElement('p')
  const lines = (element.textContent ?? '').trim().split('\n')
  if (lines.length === 1 && lines[0] === '') return
  for (const [index, line] of lines.entries()) {
    if (index > 0) typed.append(document.createElement('br'))
    typed.append(line)
  }
  element.replaceWith(typed)
}

function select(element: Element): void {
  const chosen = [...element.querySelectorAll('option[selected]')].map((option) => (option.textContent ?? '').trim())
  replaceWithText(element, chosen.length > 0 ? ` ${chosen.join(', ')} ` : '')
}

function replaceWithText(element: Element, text: string): void {
  element.replaceWith(element.ownerDocument.createTextNode(text))
}

const PLAYER = /youtube(?:-nocookie)?\.com\/embed|player\.vimeo\.com|dailymotion\.com\/embed/

function media(element: Element): void {
  const source =
    element.getAttribute('src') ||
    element.getAttribute('data-src') ||
    element.querySelector('source')?.getAttribute('src')
  if (!source || (element.localName === 'iframe' && !PLAYER.test(source))) return
  const document = element.ownerDocument
  const link = document.createElement('a')
  link.setAttribute('href', source)
  link.textContent = element.getAttribute('title') || element.getAttribute('aria-label') || 'Video'
  const paragraph = document.createElement('p')
  paragraph.append(link)
  element.replaceWith(paragraph)
}

function mathScript(script: Element): void {
  const maths = isMathScript(script) ? readMaths(script) : null
  if (maths === null || maths === 'nothing') return
  const math = script.ownerDocument.createElement('math')
  math.setAttribute('alttext', maths.tex)
  if (maths.isDisplay) math.setAttribute('display', 'block')
  math.textContent = maths.tex
  // What the renderer drew stands right before its source.
  for (let i = 0, drawn = script.previousElementSibling; i < 2 && drawn && isDrawing(drawn); i++) {
    const before: Element | null = drawn.previousElementSibling
    drawn.remove()
    drawn = before
  }
  script.replaceWith(math)
}

function isDrawing(element: Element): boolean {
  return /(?:^|\s)MathJax/.test(element.getAttribute('class') ?? '')
}

/** Lazy loaders keep the image's real address in a `<noscript>` beside the placeholder. */
function noscript(element: Element): void {
  const address = lazyAddress(element)
  if (address === null) return
  const before = element.previousElementSibling
  const after = element.nextElementSibling
  const image = before?.localName === 'img' ? before : after?.localName === 'img' ? after : null
  if (image && !image.hasAttribute('data-src')) image.setAttribute('data-src', address)
}

/** The label that names a language may not survive selection; the code keeps the name. */
function language(pre: Element): void {
  const name = codeLanguage(pre)
  if (name !== '') pre.setAttribute(LANGUAGE_ATTRIBUTE, name)
}

function codeTable(table: Element): void {
  if (isCodeTable(table)) plainCode(table)
}

/** Icons may not survive selection; the cell keeps what they mean. */
function sign(cell: Element): void {
  const meaning = signIn(cell)
  if (meaning !== '') cell.setAttribute(SIGN_ATTRIBUTE, meaning)
}

function isCodeEditor(element: Element): boolean {
  const names = element.getAttribute('class')
  return names !== null && /(?:^|\s)(?:cm-content|CodeMirror-code|view-lines|ace_text-layer)(?:\s|$)/.test(names)
}

function plainCode(element: Element): void {
  const pre = element.ownerDocument.createElement('pre')
  const name = codeLanguage(element)
  if (name !== '') pre.setAttribute(LANGUAGE_ATTRIBUTE, name)
  pre.textContent = codeText(element)
  // A table of lines inside a `<pre>` is the block already.
  const outer = element.closest('pre')
  if (!outer) element.replaceWith(pre)
  else outer.replaceChildren(pre.textContent ?? '')
}
