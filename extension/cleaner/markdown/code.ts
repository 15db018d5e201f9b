/** Code, byte for byte: without the gutters, buttons and labels that highlighters put around it, with its language. */

import { LANGUAGE_ATTRIBUTE } from '../marks'

/** Written only by tools to say there is none. */
const NO_LANGUAGE = new Set([
  'none',
  'plain',
  'text',
  'txt',
  'plaintext',
  'plain-text',
  'nohighlight',
  'no-highlight',
  'default',
  'auto',
  'undefined',
  'null',
  'unknown',
  'code',
  'source',
  'output',
])
const ALIAS: Record<string, string> = {
  python3: 'python',
  py3: 'python',
  ipython3: 'python',
  ipython: 'python',
  shellscript: 'shell',
  pycon3: 'pycon',
}
/** Names that are a language wherever they appear alone: as a bare class beside `hljs` or `sourceCode`, or as a label on the box. */
const KNOWN = new Set(
  (
    'asm awk bash bat c c++ c# clojure cmake cmd console cpp cs csharp css csv cython dart diff dockerfile docker elixir elm erlang ' +
    'f# fish fortran fsharp git go golang gradle graphql groovy haskell hcl html http ini java javascript js json json5 jsonc jsx julia ' +
    'kotlin latex less lisp lua make makefile markdown matlab md mermaid nginx nim nix objc objective-c objectivec ocaml perl php ' +
    'plsql postgresql powershell prolog properties proto protobuf ps1 py pycon python python3 r rb regex rs ruby rust sass scala scheme ' +
    'scss sh shell shell-session solidity sql svelte swift tcl terraform toml ts tsx typescript vb vba vbnet verilog vhdl vim vue wasm ' +
    'xml yaml yml zig zsh'
  ).split(' '),
)
const PREFIXED =
  /^(?:language|lang|highlight-source|highlight|brush|code|src|syntax|prism|hljs|sourceCode)[-:_ ]([a-z0-9+#.-]{1,30})$/i
const LANGUAGE_ATTRIBUTES = [
  'data-lang',
  'data-language',
  'data-code-language',
  'data-enlighter-language',
  'data-highlight-language',
  'lang-name',
]
/** How far above the `<pre>` a wrapper may carry the language. */
const MAX_WRAPPERS = 4

/** What highlighters add that is not code, by class. */
const CHROME_CLASS =
  /(?:^|\s)(?:line-?numbers?(?:-rows|-wrapper)?|lineno(?:s|-?num)?|linenodiv|line-?num|lnt?|lno|rouge-gutter|gutter(?:-line)?|hljs-ln-n(?:umbers)?|react-syntax-highlighter-line-number|blob-num|copy(?:-?btn|-?button|-?code(?:-button)?|-to-clipboard(?:-button)?)?|btn-copy|copybtn|code-copy(?:-button)?|copy-code-button|clipboard(?:-copy|-button)?|zeroclipboard-container|toolbar(?:-item)?|boring|headerlink|go-to-top|hljs-copy-button|crayon-nums|test-arrow|tooltip|sr-only|visually-hidden|codeblock-(?:header|button)|tabnine-expand|code-annotation-anchor)(?:\s|$)/i
const CHROME_TAG = new Set([
  'button',
  'clipboard-copy',
  'script',
  'style',
  'template',
  'svg',
  'noscript',
  'select',
  'input',
])
const CODE_TABLE_CLASS =
  /(?:^|\s)(?:highlighttable|rouge-table|hljs-ln|js-file-line-container|crayon-table|codehilitetable|lntable|processedcode)(?:\s|$)/
const LINE_TAG = new Set(['div', 'p', 'li', 'tr', 'section'])
const LINE_CLASS =
  /(?:^|\s)(?:token-line|view-line|cm-line|code-line|CodeMirror-line|hljs-ln-line|react-code-text|blob-code-inner)(?:\s|$)/

/** The bytes of a code block. */
export function codeText(element: Element): string {
  const out: string[] = []
  readCode(element, out, lineNumbers(element))
  // Parsers differ in whether the newline right after `<pre>` is code; blank edges never are.
  return trimBlankEdges(out.join('').split('\r\n').join('\n').split('\0').join(''))
}

/** The language of a code block, '' when the page does not say. */
export function codeLanguage(element: Element): string {
  const known = element.getAttribute(LANGUAGE_ATTRIBUTE)
  if (known !== null) return known
  // In a table of code the first `<pre>` holds the line numbers.
  const blocks = element.querySelectorAll('pre')
  const start = element.querySelector('code') ?? blocks[blocks.length - 1] ?? element
  let wrappers = 0
  for (
    let at: Element | null = start;
    at && at.localName !== 'body' && wrappers <= MAX_WRAPPERS;
    at = at.parentElement
  ) {
    const language = ownLanguage(at) ?? (wrappers > 0 ? labelOf(at, element) : null)
    if (language !== null) return language
    if (wrappers > 0 || at === element) wrappers++
  }
  return ''
}

/** Buttons and labels that stand beside a code block, outside of it. */
export function isBesideCode(element: Element): boolean {
  const names = element.getAttribute('class')
  if (names === null || !CHROME_CLASS.test(names)) return false
  return [element.previousElementSibling, element.nextElementSibling].some(
    (sibling) => sibling !== null && (sibling.localName === 'pre' || sibling.querySelector('pre') !== null),
  )
}

/** Whether an element is a highlighter's furniture: a gutter, a copy button, a language label. */
export function isCodeChrome(element: Element): boolean {
  if (CHROME_TAG.has(element.localName)) return true
  const names = element.getAttribute('class')
  return (
    (names !== null && CHROME_CLASS.test(names)) ||
    (element.hasAttribute('data-line-number') && (element.textContent ?? '').trim() === '')
  )
}

/** Whether text alone on a code box names a language. */
export function isLanguageName(text: string): boolean {
  return KNOWN.has(text.trim().toLowerCase())
}

function readCode(node: Node, out: string[], numbers: ReadonlySet<Element>): void {
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.nodeType === 3) {
      out.push(child.nodeValue ?? '')
      continue
    }
    if (child.nodeType !== 1) continue
    const element = child as Element
    const tag = element.localName
    if (tag === 'br') {
      out.push('\n')
      continue
    }
    if (isCodeChrome(element) || isGutterCell(element) || numbers.has(element)) continue
    const isLine = LINE_TAG.has(tag) || (tag !== 'td' && LINE_CLASS.test(element.getAttribute('class') ?? ''))
    if (isLine) startLine(out)
    const first = out.length
    readCode(element, out, numbers)
    if (isLine) {
      // A line that shows nothing is still a line; one that ended itself needs no second end.
      if (!out.slice(first).join('').endsWith('\n')) out.push('\n')
    } else if (isStackedLine(element)) out.push('\n')
  }
}

/**
 * Line numbers under any name: every line begins with an element of its own that holds its number, one more than the line before.
 */
function lineNumbers(code: Element): ReadonlySet<Element> {
  const numbers = new Set<Element>()
  const lines = new Set<Element>()
  let next: number | null = null
  for (const element of code.querySelectorAll('span, i, b, em, a, div, td')) {
    const line = element.parentElement
    if (!line || element.firstElementChild || !/^\s*\d{1,5}\s*$/.test(element.textContent ?? '')) continue
    if (line.firstElementChild !== element && line.firstElementChild?.nextElementSibling !== element) continue
    if (next !== null && Number(element.textContent) !== next) continue
    next = Number(element.textContent) + 1
    numbers.add(element)
    lines.add(line)
  }
  const [first] = lines
  const siblings = [...(first?.parentElement?.children ?? [])].filter((child) => !CHROME_TAG.has(child.localName))
  const isGutter = lines.size > 1 && lines.size === numbers.size && siblings.every((child) => lines.has(child))
  return isGutter ? numbers : new Set()
}

/** The table layouts of Hexo, Rouge, Pygments and GitHub keep numbers in a cell of their own. */
function isGutterCell(element: Element): boolean {
  if (element.localName !== 'td' && element.localName !== 'th') return false
  return /^[\s\d]*$/.test(element.textContent ?? '') && element.nextElementSibling !== null
}

/** `<span class="line">` is one line each in Shiki and Hexo; some themes leave out the newline between them. */
function isStackedLine(element: Element): boolean {
  if (element.localName !== 'span' && element.localName !== 'code') return false
  const names = element.getAttribute('class') ?? ''
  if (!/(?:^|\s)line(?:\s|$)/.test(names) && element.localName !== 'code') return false
  if ((element.textContent ?? '').endsWith('\n')) return false
  const next = element.nextSibling
  return (
    next?.nodeType === 1 &&
    (next as Element).localName === element.localName &&
    (element.localName === 'code' || /(?:^|\s)line(?:\s|$)/.test((next as Element).getAttribute('class') ?? ''))
  )
}

function startLine(out: string[]): void {
  if (out.length > 0 && !endsWithNewline(out)) out.push('\n')
}

function endsWithNewline(out: readonly string[]): boolean {
  for (let i = out.length - 1; i >= 0; i--) {
    const piece = out[i] as string
    if (piece !== '') return piece.endsWith('\n')
  }
  return true
}

function trimBlankEdges(text: string): string {
  let start = 0
  let end = text.length
  for (let i = 0; i < text.length && /\s/.test(text[i] as string); i++) if (text[i] === '\n') start = i + 1
  while (end > start && /\s/.test(text[end - 1] as string)) end--
  return text.slice(start, end)
}

function ownLanguage(element: Element): string | null {
  for (const name of LANGUAGE_ATTRIBUTES) {
    const language = clean(element.getAttribute(name))
    if (language !== null) return language
  }
  const names = (element.getAttribute('class') ?? '').trim().split(/\s+/)
  let saysNone = false
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    // SyntaxHighlighter writes `brush: js;` over two words.
    if (/^brush:?$/i.test(name)) return clean((names[i + 1] ?? '').split(';')[0] ?? '')
    const prefixed = PREFIXED.exec(name.split(';')[0] as string)?.[1]
    if (prefixed !== undefined && !isLayoutWord(name, prefixed)) {
      const language = clean(prefixed) ?? ''
      if (language !== '') return language
      saysNone = true
    }
  }
  if (saysNone) return ''
  const isHighlighted = names.some((name) =>
    /^(?:hljs|sourceCode|prettyprint|highlight|code|shiki|rust|src|wp-block-code|codehilite)$/i.test(name),
  )
  if (isHighlighted || element.localName === 'code' || element.localName === 'pre') {
    const bare = names.find((name) => isLanguageName(name))
    if (bare !== undefined) return clean(bare)
  }
  if (element.localName === 'pre' || element.localName === 'code') {
    const lang = element.getAttribute('lang') ?? ''
    if (KNOWN.has(lang.toLowerCase()) && lang.length > 2) return clean(lang)
  }
  return null
}

/** `highlight-text` is Sphinx for "no language", but `code-block`, `code-wrapper` and `highlight-lines` are only layout. */
function isLayoutWord(name: string, suffix: string): boolean {
  if (/^(?:language|lang|brush|highlight-source|src)/i.test(name)) return false
  return !KNOWN.has(suffix.toLowerCase()) && !NO_LANGUAGE.has(suffix.toLowerCase()) && !(suffix.toLowerCase() in ALIAS)
}

function clean(raw: string | null): string | null {
  const language = raw?.trim().toLowerCase() ?? ''
  if (language === '' || !/^[a-z0-9+#._-]{1,30}$/.test(language)) return null
  return NO_LANGUAGE.has(language) ? '' : (ALIAS[language] ?? language)
}

/** A caption or header beside the code that consists of a language's name. */
function labelOf(wrapper: Element, code: Element): string | null {
  for (let child = wrapper.firstElementChild, seen = 0; child && seen < 6; child = child.nextElementSibling, seen++) {
    if (child === code || child.contains(code) || /^(?:p|h[1-6]|ul|ol|table|pre|blockquote)$/.test(child.localName))
      continue
    for (const part of [child, ...childElements(child)]) {
      const text = (part.textContent ?? '').trim()
      if (text.length <= 20 && isLanguageName(text)) return clean(text)
    }
  }
  return null
}

function childElements(element: Element): Element[] {
  const children: Element[] = []
  for (let child = element.firstElementChild; child && children.length < 6; child = child.nextElementSibling)
    children.push(child)
  return children
}

/** A table that only puts line numbers beside code (Hexo, Rouge, Pygments, GitHub), or one line of code in each row. */
export function isCodeTable(table: Element): boolean {
  if (CODE_TABLE_CLASS.test(table.getAttribute('class') ?? '')) return true
  const row = table.querySelector('tr')
  if (!row || row.nextElementSibling || row.children.length !== 2) return false
  const [gutter, code] = row.children
  return /^[\s\d]+$/.test(gutter?.textContent ?? '') && code?.querySelector('pre, code') != null
}

/** Code inside a sentence: on one line, without furniture. */
export function plainCode(element: Element): string {
  const pieces: string[] = []
  const collect = (node: Node): void => {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 3) pieces.push(child.nodeValue ?? '')
      else if (child.nodeType === 1 && !isCodeChrome(child as Element)) collect(child)
    }
  }
  collect(element)
  return pieces
    .join('')
    .split('\0')
    .join('')
    .replace(/[ \t\r\n\f]+/g, ' ')
    .trim()
}

/** Whether a text is the label on the box around a code block. */
export function isHeaderOfCode(code: Element, text: string): boolean {
  const label = text.trim().toLowerCase()
  let wrapper = code.parentElement
  for (let i = 0; i < 3 && wrapper; i++, wrapper = wrapper.parentElement) {
    for (
      let part = wrapper.firstElementChild;
      part && part !== code && !part.contains(code);
      part = part.nextElementSibling
    ) {
      if ((part.textContent ?? '').trim().toLowerCase().startsWith(label)) return true
    }
  }
  return false
}
