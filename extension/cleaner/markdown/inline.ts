/** Runs → one line of Markdown (more than one only at hard breaks). */

import { type Link, linkOf, type Mark, type Marks, type Run } from './blocks'
import { escapeText, isPunctuation, isSpace, type Surroundings, surroundings } from './escape'
import { tidy } from './runs'

export type Place = 'paragraph' | 'heading' | 'cell'

const DELIMITER: Partial<Record<Mark['kind'], string>> = { strong: '**', emphasis: '*', strike: '~~' }
const LEADING = /^[\s\p{P}\p{S}]+/u
const TRAILING = /[\s\p{P}\p{S}]+$/u
const TAG: Record<Mark['kind'], string> = {
  strong: 'strong',
  emphasis: 'em',
  strike: 'del',
  sup: 'sup',
  sub: 'sub',
  kbd: 'kbd',
  mark: 'mark',
  link: 'a',
}

interface Open {
  readonly mark: Mark
  readonly closing: string
  /** How many runs the mark still covers: when several open at once, the longest opens first. */
  readonly extent: number
}

export function writeRuns(rawRuns: readonly Run[], place: Place): string {
  const runs = withFittingMarks(tidy(rawRuns))
  const blockText = runs.map((run) => (run.kind === 'text' ? run.text : '\u0000')).join('')
  const where = surroundings(
    blockText,
    runs.some((run) => run.kind === 'math'),
    place === 'cell',
  )
  return new Line(runs, place, where).write()
}

/**
 * `<b>Note:</b>text` cannot be written `**Note:**text`, for CommonMark wants a space after such a colon. Punctuation at the edge of
 * a mark loses little without it: `**Note**:text`.
 */
function withFittingMarks(runs: Run[]): Run[] {
  if (!runs.some((run) => run.kind === 'text' && run.marks.some(isDelimited))) return runs
  return runs.flatMap((run, index) => {
    if (run.kind !== 'text' || linkOf(run.marks)) return [run]
    const first = edgeOutside(run, runs[index - 1], 'last') ? LEADING.exec(run.text)?.[0].length : 0
    const last = edgeOutside(run, runs[index + 1], 'first') ? TRAILING.exec(run.text)?.[0].length : 0
    return splitOff(run, first ?? 0, last ?? 0, runs[index - 1]?.marks, runs[index + 1]?.marks)
  })
}

/** Whether one of the run's marks ends between it and a neighbour that begins or ends with a letter. */
function edgeOutside(run: Run, neighbour: Run | undefined, side: 'first' | 'last'): boolean {
  const char = edge(neighbour, side)
  if (isSpace(char) || isPunctuation(char)) return false
  return run.marks.some((mark) => isDelimited(mark) && !neighbour?.marks.includes(mark))
}

function splitOff(
  run: Run & { kind: 'text' },
  first: number,
  last: number,
  before: Marks = [],
  after: Marks = [],
): Run[] {
  const end = run.text.length - last
  const part = (text: string, marks: Marks): Run[] => (text === '' ? [] : [{ kind: 'text', text, marks }])
  const keep = (kept: Marks): Marks => run.marks.filter((mark) => !isDelimited(mark) || kept.includes(mark))
  if (first >= end) return part(run.text, keep(first > 0 ? before : after))
  return [
    ...part(run.text.slice(0, first), keep(before)),
    ...part(run.text.slice(first, end), run.marks),
    ...part(run.text.slice(end), keep(after)),
  ]
}

function isDelimited(mark: Mark): boolean {
  return DELIMITER[mark.kind] !== undefined
}

class Line {
  private out = ''
  private readonly open: Open[] = []

  constructor(
    private readonly runs: readonly Run[],
    private readonly place: Place,
    private readonly where: Surroundings,
  ) {}

  write(): string {
    this.runs.forEach((run, index) => {
      this.closeBefore(index)
      this.openBefore(index)
      this.out += this.body(run, index)
    })
    this.closeBefore(this.runs.length)
    return this.place === 'heading' ? escapeClosingHashes(this.out) : this.out
  }

  /** Ends every mark this run does not have, and those opened inside them (they open again if it has them). */
  private closeBefore(index: number): void {
    const wanted = this.runs[index]?.marks ?? []
    const keep = this.open.findIndex(({ mark }) => !wanted.includes(mark))
    if (keep < 0) return
    for (const { closing } of this.open.splice(keep).reverse()) this.out += closing
  }

  private openBefore(index: number): void {
    const run = this.runs[index] as Run
    const fresh = run.marks.filter((mark) => !this.open.some((open) => open.mark === mark))
    if (fresh.length === 0) return
    const opening = fresh.map((mark) => ({ mark, extent: this.extent(mark, index) }))
    opening.sort((a, b) => b.extent - a.extent || Number(b.mark.kind === 'link') - Number(a.mark.kind === 'link'))
    opening.forEach(({ mark, extent }, i) => {
      const inner = opening[i + 1]?.mark
      const [start, closing] = this.delimiters(mark, index, extent, inner)
      this.out += start
      this.open.push({ mark, closing, extent })
    })
  }

  private extent(mark: Mark, from: number): number {
    let end = from
    while (end < this.runs.length && this.runs[end]?.marks.includes(mark)) end++
    return end - from
  }

  private delimiters(mark: Mark, index: number, extent: number, inner: Mark | undefined): [string, string] {
    if (mark.kind === 'link') return ['[', `](${destination(mark.url)})`]
    const delimiter = DELIMITER[mark.kind]
    if (delimiter !== undefined && this.canDelimit(index, extent, inner)) return [delimiter, delimiter]
    return [`<${TAG[mark.kind]}>`, `</${TAG[mark.kind]}>`]
  }

  /** CommonMark's flanking rules: `a**(b)**c` is not bold, so such a span is written with tags. */
  private canDelimit(index: number, extent: number, inner: Mark | undefined): boolean {
    const first = inner && DELIMITER[inner.kind] === undefined ? '[' : edge(this.runs[index], 'first')
    const last = edge(this.runs[index + extent - 1], 'last')
    const before = this.out.replace(/[*~]+$/, '').at(-1) ?? ''
    const after = edge(this.runs[index + extent], 'first')
    const opens = !isSpace(first) && (!isPunctuation(first) || isSpace(before) || isPunctuation(before))
    const closes = !isSpace(last) && (!isPunctuation(last) || isSpace(after) || isPunctuation(after))
    return opens && closes
  }

  private body(run: Run, index: number): string {
    switch (run.kind) {
      case 'text': {
        const before = this.out.at(-1) ?? ''
        const lineStart = this.place === 'paragraph' && (before === '' || before === '\n')
        return escapeText(run.text, this.where, before === '\n' ? '' : before, this.charAfter(index), lineStart)
      }
      case 'code':
        return codeSpan(run.text, this.place === 'cell')
      case 'math':
        return `$${this.place === 'cell' ? escapePipes(run.tex) : run.tex}$`
      case 'image':
        return image(run.url, run.alt, this.where)
      case 'note':
        return `[^${run.label}]`
      case 'break':
        return this.place === 'cell' ? '<br>' : this.place === 'heading' ? ' ' : '  \n'
    }
  }

  private charAfter(index: number): string {
    const run = this.runs[index]
    const next = this.runs[index + 1]
    if (!run || !next) return ''
    if (next.marks.some((mark) => mark.kind === 'link' && !run.marks.includes(mark))) return '['
    if (run.marks.some((mark) => mark.kind === 'link' && !next.marks.includes(mark))) return ']'
    return edge(next, 'first')
  }
}

/** The character this run begins or ends with once written; '' for a line's end. */
function edge(run: Run | undefined, side: 'first' | 'last'): string {
  if (run === undefined || run.kind === 'break') return ''
  if (run.kind !== 'text') return run.kind === 'code' ? '`' : run.kind === 'math' ? '$' : side === 'first' ? '[' : ')'
  // Whole code points: half of a surrogate pair is neither letter nor punctuation.
  const code = side === 'first' ? run.text.codePointAt(0) : lastCodePoint(run.text)
  return code === undefined ? '' : String.fromCodePoint(code)
}

function lastCodePoint(text: string): number | undefined {
  const low = text.charCodeAt(text.length - 1)
  const isTrail = low >= 0xdc00 && low <= 0xdfff && text.length > 1
  return text.codePointAt(text.length - (isTrail ? 2 : 1))
}

/** A code span whose fence is longer than any run of backticks inside. */
export function codeSpan(text: string, inTable: boolean): string {
  const fence = '`'.repeat(longestRun(text, '`', true) + 1)
  const padding =
    text.startsWith('`') || text.endsWith('`') || (text.startsWith(' ') && text.endsWith(' ') && text.trim() !== '')
      ? ' '
      : ''
  const body = `${fence}${padding}${text}${padding}${fence}`
  return inTable ? escapePipes(body) : body
}

/** GFM takes the backslash before a pipe away before it reads the rest of the cell, code spans included. */
function escapePipes(text: string): string {
  return text.split('|').join('\\|')
}

/** The longest run of `char`; with `exact`, the longest of an unbroken row of lengths from 1 (a span only has to differ). */
export function longestRun(text: string, char: string, exact = false): number {
  const lengths = new Set<number>()
  let longest = 0
  for (let i = text.indexOf(char); i >= 0; i = text.indexOf(char, i)) {
    let end = i
    while (text[end] === char) end++
    lengths.add(end - i)
    longest = Math.max(longest, end - i)
    i = end
  }
  if (!exact) return longest
  let free = 1
  while (lengths.has(free)) free++
  return free - 1
}

function image(url: string, alt: string, where: Surroundings): string {
  const text = escapeText(alt, where, '[', ']', false)
  return `![${text}](${destination(url)})`
}

/** A link destination as CommonMark reads it: no spaces, brackets balanced, no pipe that would end a cell. */
function destination(url: string): string {
  let out = ''
  let depth = 0
  let isBalanced = true
  for (const char of url) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (depth < 0) isBalanced = false
  }
  isBalanced &&= depth === 0
  for (const char of url) {
    if (char === '(' || char === ')') out += isBalanced ? char : char === '(' ? '%28' : '%29'
    else if (char === '|' || char === '<' || char === '>' || char === '\\' || char <= ' ')
      out += encodeURIComponent(char)
    else out += char
  }
  return out
}

/** `# A #` would lose its last sign. */
function escapeClosingHashes(line: string): string {
  let start = line.length
  while (line[start - 1] === '#') start--
  const isClosing = start < line.length && (start === 0 || line[start - 1] === ' ')
  return isClosing ? `${line.slice(0, start)}\\${line.slice(start)}` : line
}

export type { Link }
