/** Presentation MathML → LaTeX, for the pages whose renderer threw the source away. */

const OPERATORS: Record<string, string> = {
  '−': '-',
  '×': '\\times ',
  '⋅': '\\cdot ',
  '·': '\\cdot ',
  '÷': '\\div ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '≤': '\\leq ',
  '≥': '\\geq ',
  '≠': '\\neq ',
  '≈': '\\approx ',
  '≡': '\\equiv ',
  '∼': '\\sim ',
  '∝': '\\propto ',
  '∞': '\\infty ',
  '∂': '\\partial ',
  '∇': '\\nabla ',
  '∑': '\\sum ',
  '∏': '\\prod ',
  '∫': '\\int ',
  '∮': '\\oint ',
  '→': '\\to ',
  '←': '\\leftarrow ',
  '⇒': '\\Rightarrow ',
  '⇔': '\\Leftrightarrow ',
  '↦': '\\mapsto ',
  '∈': '\\in ',
  '∉': '\\notin ',
  '⊂': '\\subset ',
  '⊆': '\\subseteq ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∅': '\\emptyset ',
  '∀': '\\forall ',
  '∃': '\\exists ',
  '¬': '\\neg ',
  '∧': '\\land ',
  '∨': '\\lor ',
  '…': '\\ldots ',
  '⋯': '\\cdots ',
  '∘': '\\circ ',
  '′': "'",
  '″': "''",
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '‖': '\\|',
  '∥': '\\parallel ',
  '⊥': '\\perp ',
  '⊕': '\\oplus ',
  '⊗': '\\otimes ',
  '{': '\\{',
  '}': '\\}',
  '%': '\\%',
  '#': '\\#',
  '&': '\\&',
  '\u2061': '',
  '\u2062': '',
  '\u2063': '',
  '\u2064': '',
  '\u00a0': '~',
}
const LETTERS =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega'.split(
    ' ',
  )
const CAPITALS: Record<string, string> = {
  Γ: 'Gamma',
  Δ: 'Delta',
  Θ: 'Theta',
  Λ: 'Lambda',
  Ξ: 'Xi',
  Π: 'Pi',
  Σ: 'Sigma',
  Υ: 'Upsilon',
  Φ: 'Phi',
  Ψ: 'Psi',
  Ω: 'Omega',
}
const SYMBOLS: Record<string, string> = {
  ϵ: '\\epsilon ',
  φ: '\\varphi ',
  ϕ: '\\phi ',
  ϑ: '\\vartheta ',
  ℝ: '\\mathbb{R}',
  ℂ: '\\mathbb{C}',
  ℤ: '\\mathbb{Z}',
  ℕ: '\\mathbb{N}',
  ℚ: '\\mathbb{Q}',
  ℓ: '\\ell ',
  ℏ: '\\hbar ',
}
const FUNCTIONS = new Set([
  'sin',
  'cos',
  'tan',
  'cot',
  'sec',
  'csc',
  'log',
  'ln',
  'exp',
  'lim',
  'max',
  'min',
  'sup',
  'inf',
  'det',
  'dim',
  'ker',
  'gcd',
  'arg',
  'deg',
  'sinh',
  'cosh',
  'tanh',
  'arcsin',
  'arccos',
  'arctan',
])
const ACCENTS: Record<string, string> = {
  '^': 'hat',
  '\u02c6': 'hat',
  '¯': 'overline',
  '‾': 'overline',
  '˜': 'tilde',
  '~': 'tilde',
  '→': 'vec',
  '⃗': 'vec',
  '˙': 'dot',
  '¨': 'ddot',
  '⏞': 'overbrace',
  '⏟': 'underbrace',
  _: 'underline',
}
const FENCES: Record<string, string> = {
  '(': '(',
  ')': ')',
  '[': '[',
  ']': ']',
  '{': '\\{',
  '}': '\\}',
  '|': '|',
  '‖': '\\|',
  '⟨': '\\langle',
  '⟩': '\\rangle',
  '': '.',
}
/** Deeper than any formula; a bound for hostile ones. */
const MAX_DEPTH = 60

export function texFromMathml(math: Element): string {
  return inside(math, 0)
    .replace(/ {2,}/g, ' ')
    .replace(/ (?=[}^_])/g, '')
    .trim()
}

function tex(element: Element, depth: number): string {
  if (depth > MAX_DEPTH) return element.textContent ?? ''
  const [a, b, c] = children(element)
  const one = (part: Element | undefined): string => (part ? tex(part, depth + 1) : '')
  switch (element.localName) {
    case 'mi':
      return identifier(content(element), element.getAttribute('mathvariant'))
    case 'mn':
      return content(element)
    case 'mo':
      return operator(content(element))
    case 'mtext':
    case 'ms':
      return content(element).trim() === '' ? '\\ ' : `\\text{${content(element)}}`
    case 'mspace':
      return element.getAttribute('linebreak') === 'newline' ? '\\\\ ' : ' '
    case 'msup':
      return `${group(one(a))}^${braces(one(b))}`
    case 'msub':
      return `${group(one(a))}_${braces(one(b))}`
    case 'msubsup':
      return `${group(one(a))}_${braces(one(b))}^${braces(one(c))}`
    case 'mfrac':
      return element.getAttribute('linethickness') === '0'
        ? `\\binom${braces(one(a))}${braces(one(b))}`
        : `\\frac{${one(a)}}{${one(b)}}`
    case 'msqrt':
      return `\\sqrt{${inside(element, depth)}}`
    case 'mroot':
      return `\\sqrt[${one(b)}]{${one(a)}}`
    case 'mover':
      return over(one(a), b ? content(b) : '', one(b))
    case 'munder':
      return isLimits(a) ? `${one(a)}_${braces(one(b))}` : under(one(a), b ? content(b) : '', one(b))
    case 'munderover':
      return `${group(one(a))}_${braces(one(b))}^${braces(one(c))}`
    case 'mfenced':
      return fenced(element, depth)
    case 'mtable':
      return `\\begin{matrix}${children(element)
        .map((row) =>
          children(row)
            .map((cell) => inside(cell, depth + 1).trim())
            .join(' & '),
        )
        .join(' \\\\ ')}\\end{matrix}`
    case 'annotation':
    case 'annotation-xml':
    case 'mphantom':
      return ''
    case 'semantics':
      return one(a)
    default:
      return inside(element, depth)
  }
}

function inside(element: Element, depth: number): string {
  const parts = children(element)
  if (parts.length === 0) return element.localName === 'math' ? content(element) : ''
  return parts.map((part) => tex(part, depth + 1)).join('')
}

function identifier(text: string, variant: string | null): string {
  if (FUNCTIONS.has(text)) return `\\${text} `
  if (variant === 'double-struck') return `\\mathbb{${text}}`
  if (variant?.includes('bold')) return `\\mathbf{${symbols(text)}}`
  if (variant === 'script') return `\\mathcal{${text}}`
  if (text.length > 1 && /^[A-Za-z]+$/.test(text)) return `\\mathrm{${text}}`
  return symbols(text)
}

function operator(text: string): string {
  if (FUNCTIONS.has(text)) return `\\${text} `
  return /^[A-Za-z]{2,}$/.test(text) ? `\\operatorname{${text}}` : symbols(text)
}

function symbols(text: string): string {
  let out = ''
  for (const char of text) out += OPERATORS[char] ?? SYMBOLS[char] ?? greek(char) ?? char
  return out
}

function greek(char: string): string | null {
  const capital = CAPITALS[char]
  if (capital !== undefined) return `\\${capital} `
  const index = char.charCodeAt(0) - 0x3b1
  const name = index >= 0 ? LETTERS[index] : undefined
  return name === undefined ? null : `\\${name === 'sigmaf' ? 'varsigma' : name} `
}

function over(base: string, accentText: string, accent: string): string {
  const name = ACCENTS[accentText.trim()]
  return name ? `\\${name}{${base}}` : `\\overset{${accent}}{${base}}`
}

function under(base: string, accentText: string, accent: string): string {
  const name =
    accentText.trim() === '⏟' ? 'underbrace' : ['_', '¯', '‾'].includes(accentText.trim()) ? 'underline' : null
  return name ? `\\${name}{${base}}` : `\\underset{${accent}}{${base}}`
}

function isLimits(base: Element | undefined): boolean {
  return (
    base !== undefined && /^(?:[∑∏∫⋃⋂]|lim|max|min|sup|inf|limsup|liminf|argmax|argmin)$/.test(content(base).trim())
  )
}

function fenced(element: Element, depth: number): string {
  const open = element.getAttribute('open') ?? '('
  const close = element.getAttribute('close') ?? ')'
  const separator = (element.getAttribute('separators') ?? ',').trim().slice(0, 1)
  const body = children(element)
    .map((part) => tex(part, depth + 1))
    .join(separator)
  return `\\left${FENCES[open] ?? open} ${body}\\right${FENCES[close] ?? close} `
}

function braces(body: string): string {
  return /^[A-Za-z0-9]$/.test(body) ? body : `{${body.trim()}}`
}

function group(body: string): string {
  return /^(?:[A-Za-z0-9)\]|]|\\[A-Za-z]+ ?|\d+)$/.test(body) || body.endsWith(')') ? body.trimEnd() : `{${body}}`
}

function content(element: Element): string {
  return (element.textContent ?? '').replace(/\s+/g, ' ').trim()
}

function children(element: Element): Element[] {
  const list: Element[] = []
  for (let child = element.firstElementChild; child; child = child.nextElementSibling) list.push(child)
  return list
}
