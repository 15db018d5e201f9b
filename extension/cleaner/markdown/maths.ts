/** Maths as the author wrote it: every renderer keeps the LaTeX, or MathML we can turn back into it, somewhere. */

import { texFromMathml } from './mathml'

export interface Maths {
  readonly tex: string
  readonly isDisplay: boolean
}

const MATH_SCRIPT = /^math\/(?:tex|latex|asciimath|mml)/i
const MATH_CLASS =
  /(?:^|\s)(?:katex|katex-display|MathJax(?:_Display|_SVG|_CHTML)?|MathJax_Preview|mwe-math-element|mjx-chtml|mwe-math-element-inline|tex|latex|ltx_Math)(?:\s|$)/
const MATH_IMAGE_CLASS =
  /(?:^|\s)(?:mwe-math-fallback-image-(?:inline|display)|tex|latex|math|equation|ql-img-(?:inline|displayed)-equation|texhtml)(?:\s|$)/

/**
 * The maths an element stands for. `'nothing'` for a renderer's second copy, which must not be read again; null where the
 * element is not maths.
 */
export function readMaths(element: Element): Maths | 'nothing' | null {
  const tag = element.localName
  if (tag === 'math') return fromMathElement(element, false)
  if (tag === 'script') return fromScript(element)
  if (tag === 'mjx-container') return fromMathjax3(element)
  if (tag === 'mjx-assistive-mml') return fromInside(element, false)
  if (tag === 'img') return fromImage(element)
  const names = element.getAttribute('class')
  if (names === null || !MATH_CLASS.test(names)) return null
  if (/(?:^|\s)MathJax_Preview(?:\s|$)/.test(names)) return 'nothing'
  if (/(?:^|\s)MathJax/.test(names)) return fromMathjax2(element)
  const found = fromInside(element, /katex-display|block|display/.test(names))
  return found
}

/** Elements that are maths as a whole, so that nothing else reads their inside. */
export function isMathScript(element: Element): boolean {
  return element.localName === 'script' && MATH_SCRIPT.test(element.getAttribute('type') ?? '')
}

function fromMathElement(element: Element, isDisplayOutside: boolean): Maths | 'nothing' {
  const isDisplay =
    isDisplayOutside || element.getAttribute('display') === 'block' || element.getAttribute('mode') === 'display'
  const annotation = element.querySelector(
    'annotation[encoding="application/x-tex"], annotation[encoding="TeX"], annotation[encoding="LaTeX"]',
  )
  const written = annotation?.textContent || element.getAttribute('alttext') || element.getAttribute('data-latex')
  return maths(written || texFromMathml(element), isDisplay)
}

function fromScript(element: Element): Maths | 'nothing' | null {
  if (!isMathScript(element)) return null
  const type = element.getAttribute('type') ?? ''
  if (/asciimath|mml/i.test(type)) return 'nothing'
  return maths(element.textContent ?? '', /mode\s*=\s*display/i.test(type))
}

function fromMathjax3(element: Element): Maths | 'nothing' {
  const isDisplay = element.getAttribute('display') === 'true' || element.getAttribute('display') === 'block'
  const latex = element.querySelector('[data-latex]')?.getAttribute('data-latex')
  if (latex) return maths(latex, isDisplay)
  const found = fromInside(element, isDisplay)
  return found ?? maths(element.getAttribute('aria-label') ?? '', isDisplay)
}

/** MathJax 2 leaves the source in a `<script type="math/tex">` right after what it drew. */
function fromMathjax2(element: Element): Maths | 'nothing' | null {
  const script = nextMathScript(element)
  if (script) return 'nothing'
  const mathml = element.getAttribute('data-mathml')
  const inside = fromInside(element, /Display/.test(element.getAttribute('class') ?? ''))
  return inside ?? (mathml ? 'nothing' : null)
}

function nextMathScript(element: Element): Element | null {
  let next: Element | null = element.nextElementSibling ?? element.parentElement?.nextElementSibling ?? null
  for (let i = 0; i < 2 && next; i++, next = next.nextElementSibling) if (isMathScript(next)) return next
  return null
}

function fromInside(element: Element, isDisplay: boolean): Maths | 'nothing' | null {
  const math = element.querySelector('math')
  if (math) return fromMathElement(math, isDisplay)
  const annotation = element.querySelector('annotation[encoding="application/x-tex"]')
  if (annotation) return maths(annotation.textContent ?? '', isDisplay)
  const script = element.querySelector('script[type^="math/tex"]')
  if (script) return fromScript(script)
  const image = element.querySelector('img[alt]')
  return image ? fromImage(image, true) : null
}

function fromImage(element: Element, isInsideMaths = false): Maths | 'nothing' | null {
  const alt = element.getAttribute('alt') ?? ''
  const names = element.getAttribute('class') ?? ''
  const source = element.getAttribute('src') ?? ''
  const isMath =
    isInsideMaths ||
    MATH_IMAGE_CLASS.test(names) ||
    /latex\.codecogs\.com|\/math\/render\/(?:svg|png)\/|latex\.php\?/.test(source)
  if (!isMath || alt.trim() === '') return null
  return maths(alt, /display|displayed/.test(names))
}

function maths(source: string, isDisplay: boolean): Maths | 'nothing' {
  const { tex, wasDisplay } = unwrap(source)
  return tex === '' ? 'nothing' : { tex, isDisplay: isDisplay || wasDisplay }
}

/** LaTeX without the delimiters and the size commands that renderers wrap around it, on as few lines as it has content. */
function unwrap(source: string): { tex: string; wasDisplay: boolean } {
  let tex = source.trim()
  let wasDisplay = false
  for (const [open, close, display] of [
    ['$$', '$$', true],
    ['\\[', '\\]', true],
    ['\\(', '\\)', false],
    ['$', '$', false],
  ] as const) {
    if (tex.length > open.length + close.length && tex.startsWith(open) && tex.endsWith(close)) {
      tex = tex.slice(open.length, -close.length).trim()
      wasDisplay ||= display
    }
  }
  const style = /^\{\\(display|text)style\b/.exec(tex)
  if (style && tex.endsWith('}') && closesAtEnd(tex)) tex = tex.slice(style[0].length, -1).trim()
  tex = tex
    .replace(/^\\displaystyle\b\s*/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
  // A comment sign LaTeXML leaves at line ends would swallow the rest once lines are joined.
  return { tex: withoutTags(tex.split('%\n').join('')), wasDisplay }
}

/** `a<b` means the same with a space in it, and then no reader of Markdown takes it for a tag. */
function withoutTags(tex: string): string {
  return tex.replace(/<(?=[A-Za-z/!?])/g, '< ')
}

function closesAtEnd(tex: string): boolean {
  let depth = 0
  for (let i = 0; i < tex.length; i++) {
    if (tex[i] === '\\') i++
    else if (tex[i] === '{') depth++
    else if (tex[i] === '}' && --depth === 0) return i === tex.length - 1
  }
  return false
}

interface Piece {
  readonly kind: 'text' | 'inline' | 'display'
  readonly text: string
}

/** `\( … \)` and `\[ … \]`: maths that a renderer had no chance to draw. */
export function splitMaths(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  const lastClose = { '\\)': text.lastIndexOf('\\)'), '\\]': text.lastIndexOf('\\]') }
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const opening = text[at + 1]
    const close = opening === '(' ? '\\)' : opening === '[' ? '\\]' : null
    // Looking only where a partner can still come keeps a text full of openings linear.
    const end = close === null || lastClose[close] < at + 2 ? -1 : text.indexOf(close, at + 2)
    if (close === null || end < 0 || text.slice(at + 2, end).trim() === '') {
      at += 2
      continue
    }
    if (at > from) pieces.push({ kind: 'text', text: text.slice(from, at) })
    pieces.push({ kind: opening === '(' ? 'inline' : 'display', text: text.slice(at + 2, end) })
    from = end + 2
    at = from
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from) })
  return pieces
}
