/** Markdown as the reader sees its characters: without the escapes and the invisible characters in between. */

export interface Flat {
  plain: string
  /** Where a character of `plain` stands in the Markdown. */
  originalAt(offset: number): number
}

/** A stretch of the plain text. */
export interface Span {
  start: number
  end: number
}

/** `ada\_b@tea.org` is an address in Markdown, and an invisible character inside one is a trap for collectors. */
const UNSEEN = /\\(?=[!-/:-@[-`{-~])|[\xad\u200b-\u200d\u2060\ufeff]/g

export function flatten(markdown: string): Flat {
  const parts: string[] = []
  /** From which offset of `plain` on how many characters are missing before it. */
  const starts: number[] = [0]
  const missing: number[] = [0]
  let done = 0
  for (const { index } of markdown.matchAll(UNSEEN)) {
    parts.push(markdown.slice(done, index))
    done = index + 1
    starts.push(done - starts.length)
    missing.push(missing.length)
  }
  parts.push(markdown.slice(done))
  return { plain: parts.join(''), originalAt: (offset) => offset + (missing[lastAtMost(starts, offset)] ?? 0) }
}

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}

function lastAtMost(sorted: readonly number[], wanted: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((sorted[middle] ?? 0) <= wanted) low = middle
    else high = middle - 1
  }
  return low
}
