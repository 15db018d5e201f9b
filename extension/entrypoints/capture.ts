/**
 * Runs in the page's isolated world when the user asks for the page. Reads; never changes anything the page can see.
 */
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { type CleanOptions, clean } from '../cleaner'
import { snapshot } from '../cleaner/snapshot'
import { attributeOf, bodyOf, contentTypeOf, tagOf } from '../cleaner/unclobbered'
import type { CaptureFunction, CaptureWorld } from '../reader'

const read: CaptureFunction = (options) => {
  const contentType = contentTypeOf(document)
  if (contentType === 'application/pdf' || isPdfViewer()) return { kind: 'unreadable', reason: 'pdf' }
  if (!/html|xml|json|^text\//.test(contentType)) return { kind: 'unreadable', reason: 'not-a-page' }
  const selection = getSelection()
  const selectedText = selection?.toString().trim() ?? ''
  const wantsSelection = options.scope === 'selection' || (options.scope === undefined && selectedText !== '')
  const cleaned = (asked: CleanOptions) =>
    clean(snapshot(document, wantsSelection ? selection : null), location.href, asked)
  const wanted: CleanOptions = wantsSelection ? { ...options, scope: 'selection' } : options
  const page = orElse(
    () => cleaned(wanted),
    // The choice of the main part is the cleverest step. A page that breaks it is still worth having whole.
    () => cleaned({ ...wanted, scope: 'whole' }),
  )
  return { kind: 'page', url: location.href, selectionWords: wantsSelection ? words(selectedText) : 0, page }
}

function orElse<T>(first: () => T, second: () => T): T {
  try {
    return first()
  } catch {
    return second()
  }
}

/** Chrome shows a PDF as a page that holds one `embed` and nothing else. */
function isPdfViewer(): boolean {
  const body = bodyOf(document)
  const only = body?.childElementCount === 1 ? body.firstElementChild : null
  return only !== null && tagOf(only) === 'embed' && attributeOf(only, 'type') === 'application/pdf'
}

/** Words as languages have them: Chinese and Thai write no spaces. */
function words(text: string): number {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })
  let count = 0
  for (const segment of segmenter.segment(text)) if (segment.isWordLike) count += 1
  return count
}

export default defineUnlistedScript(() => {
  ;(globalThis as CaptureWorld).promptReadyCapture = read
})
