/**
 * Runs in the page's isolated world when the user asks for the page. Reads; never changes anything the page can see.
 */
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { clean } from '../cleaner'
import { snapshot } from '../cleaner/snapshot'
import type { CaptureFunction, CaptureWorld } from '../reader'

const read: CaptureFunction = (options) => {
  if (document.contentType === 'application/pdf' || isPdfViewer()) return { kind: 'unreadable', reason: 'pdf' }
  if (!/html|xml|json|^text\//.test(document.contentType)) return { kind: 'unreadable', reason: 'not-a-page' }
  const selection = document.getSelection()
  const selectedText = selection?.toString().trim() ?? ''
  const wantsSelection = options.scope === 'selection' || (options.scope === undefined && selectedText !== '')
  const copy = snapshot(document, wantsSelection ? selection : null)
  const page = clean(copy, location.href, wantsSelection ? { ...options, scope: 'selection' } : options)
  return { kind: 'page', url: location.href, selectionWords: wantsSelection ? words(selectedText) : 0, page }
}

/** Chrome shows a PDF as a page that holds one `embed` and nothing else. */
function isPdfViewer(): boolean {
  const only = document.body?.childElementCount === 1 ? document.body.firstElementChild : null
  return only?.localName === 'embed' && only.getAttribute('type') === 'application/pdf'
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
