/** What a saved page is called. Pure. */
import type { Captured } from '../../job'

const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"/\\|?*]+/gu
const LONGEST_NAME_BYTES = 180

/**
 * The file name for a page, ending in ".md". A page chooses its own title, so nothing of it may name a folder,
 * hide behind a leading dot, end in a way Windows refuses, or be longer than file systems take.
 */
export function fileNameOf({ page, url, capturedAt }: Captured, pattern: string): string {
  const values: Record<string, string> = {
    title: page.metadata.title ?? '',
    site: page.metadata.site ?? new URL(url).hostname,
    date: capturedAt.slice(0, 10),
  }
  const filled = pattern.replace(/\{(title|site|date)\}/g, (_, name: string) => values[name] ?? '')
  const safe = shortened(filled.replace(FORBIDDEN, ' ').replace(/\s+/g, ' ')).replace(/^[. ]+|[. ]+$/g, '')
  const isReserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(safe)
  return `${isReserved ? '_' : ''}${safe || 'page'}.md`
}

/** Cut at a whole character, counted in the bytes a file system counts. */
function shortened(name: string): string {
  let sizeBytes = 0
  let kept = ''
  for (const character of name) {
    sizeBytes += new TextEncoder().encode(character).length
    if (sizeBytes > LONGEST_NAME_BYTES) break
    kept += character
  }
  return kept
}
