/** Whitespace as HTML sees it: collapsed across runs, outside the marks it touches, gone at the edges of a line. */

import { type Marks, type Run, sameMarks } from './blocks'

// A no-break space is a layout device on most pages; in a prompt it only makes equal words differ.
// A single space is left alone: it is what would be written, and replacing every one of a page takes long.
const SPACES = /[^\S ]\s*| \s+/g
// Soft hyphens, zero-width spaces, byte-order marks and control characters are invisible and split words. Joiners and
// direction marks (U+200C to U+200F) stay: Persian, emoji and right-to-left text need them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const INVISIBLE = /[\0-\x08\v\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff]/g

export function plain(text: string): string {
  return text.replace(INVISIBLE, '').replace(SPACES, ' ')
}

/** The runs of one block without superfluous whitespace or breaks; neighbours under the same marks are one run. */
export function tidy(runs: readonly Run[]): Run[] {
  const out: Run[] = []
  let spacePending = false
  let atLineStart = true
  const push = (run: Run): void => {
    const last = out.at(-1)
    if (last && isSetApart(last, run)) spacePending = true
    if (spacePending && !atLineStart && last) append(out, ' ', common(last.marks, run.marks))
    if (run.kind === 'text') append(out, run.text, run.marks)
    else if (run.kind === 'code' && last?.kind === 'code' && last === out.at(-1) && sameMarks(last.marks, run.marks))
      out[out.length - 1] = { ...run, text: last.text + run.text }
    else out.push(run)
    spacePending = false
    atLineStart = false
  }
  for (const run of runs) {
    if (run.kind === 'break') {
      spacePending = false
      atLineStart = true
      out.push(run)
      continue
    }
    if (run.kind !== 'text') {
      push(run)
      continue
    }
    const text = plain(run.text)
    const words = text.trim()
    if (words === '') {
      spacePending ||= text !== ''
      continue
    }
    if (text.startsWith(' ')) spacePending = true
    push({ ...run, text: words })
    spacePending = text.endsWith(' ')
  }
  while (out.at(-1)?.kind === 'break') out.pop()
  let first = 0
  while (out[first]?.kind === 'break') first++
  return first === 0 ? out : out.slice(first)
}

/** Two line breaks in a row are how pages without paragraphs make paragraphs. */
export function splitAtDoubleBreaks(runs: readonly Run[]): Run[][] {
  const parts: Run[][] = [[]]
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i] as Run
    if (run.kind === 'break' && runs[i + 1]?.kind === 'break') {
      while (runs[i + 1]?.kind === 'break') i++
      parts.push([])
    } else parts.at(-1)?.push(run)
  }
  return parts.filter((part) => part.length > 0)
}

/** Pictures and code have room around them on the page; without a space their neighbours would be glued to them. */
function isSetApart(last: Run, run: Run): boolean {
  if (last.kind === 'image') return run.kind === 'image' || (run.kind === 'text' && /^[\p{L}\p{N}]/u.test(run.text))
  if (run.kind === 'image') return last.kind === 'text' && /[\p{L}\p{N}.!?…]$/u.test(last.text)
  return (
    run.kind === 'code' && last.kind === 'code' && /[\p{L}\p{N}]$/u.test(last.text) && /^[\p{L}\p{N}]/u.test(run.text)
  )
}

function append(out: Run[], text: string, marks: Marks): void {
  const last = out.at(-1)
  if (last?.kind === 'text' && sameMarks(last.marks, marks)) out[out.length - 1] = { ...last, text: last.text + text }
  else out.push({ kind: 'text', text, marks })
}

function common(a: Marks, b: Marks): Marks {
  return a === b ? a : a.filter((mark) => b.includes(mark))
}
