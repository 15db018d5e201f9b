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
  const { scope, selection, part } = wanted(options.scope)
  const cleaned = (asked: CleanOptions) => clean(snapshot(document, selection, part), location.href, asked)
  const asked: CleanOptions = scope ? { ...options, scope } : options
  const page = orElse(
    () => cleaned(asked),
    // The choice of the main part is the cleverest step. A page that breaks it is still worth having whole.
    () => cleaned({ ...asked, scope: 'whole' }),
  )
  return { kind: 'page', url: location.href, selectionWords: selection ? words(selection.toString()) : 0, page }
}

interface Wanted {
  scope: CleanOptions['scope']
  selection: Selection | null
  part: Element | null
}

/** Unless something else is asked for, what the person has pointed at: a selection, or else a picked part. */
function wanted(asked: CleanOptions['scope']): Wanted {
  const world = globalThis as CaptureWorld
  const selection = getSelection()
  const isSelected = (selection?.toString().trim() ?? '') !== ''
  if (asked === 'selection' || (asked === undefined && isSelected)) return { scope: 'selection', selection, part: null }
  // The page may have taken it away since.
  const part = world.promptReadyPicked?.isConnected ? world.promptReadyPicked : null
  if (part && (asked === 'element' || asked === undefined)) return { scope: 'element', selection: null, part }
  if (asked !== undefined) delete world.promptReadyPicked
  return { scope: asked === 'element' ? undefined : asked, selection: null, part: null }
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
