/** Find a quote again in a text that got a citation on top and perhaps edits. Pure. */
import type { Jump } from './preview'

/** The occurrence of `quote` that begins nearest to `near`; null once the user has edited it away. */
export function locate(text: string, quote: string, near: number): Jump | null {
  if (quote === '') return null
  const before = text.lastIndexOf(quote, Math.max(0, near))
  const after = text.indexOf(quote, Math.max(0, near))
  if (before < 0 && after < 0) return null
  const isBeforeNearer = after < 0 || (before >= 0 && near - before < after - near)
  const start = isBeforeNearer ? before : after
  return { start, end: start + quote.length }
}
