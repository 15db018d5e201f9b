/**
 * What the user typed into the preview: kept for the session, so that closing the popup takes nothing away. The job
 * stays as the background made it; this is a layer over it. Every opening reads the page anew, so an edit belongs to
 * the text it was made of, not to the moment.
 */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { browser } from 'wxt/browser'
import type { Captured } from '../../job'
import type { Variant } from './output'

type Edits = Partial<Record<Variant, string>>
interface Stored {
  /** Which text of which page was edited. Another one starts fresh. */
  of: string
  edits: Edits
}

const KEY = 'edits'

interface Editing {
  edits: Edits
  /** False until the edits of an earlier opening have been read. */
  isLoaded: boolean
  /** Null takes the edit back. */
  edit: (variant: Variant, text: string | null) => void
}

export function useEdits(jobId: string, captured: Captured): Editing {
  const { markdown } = captured.page
  const of = useMemo(() => `${jobId} ${markdown.length} ${fingerprint(markdown)}`, [jobId, markdown])
  const [stored, setStored] = useState<Stored | null>(null)
  const isLoaded = stored?.of === of
  const edits = isLoaded ? stored.edits : {}

  useEffect(() => {
    let isCurrent = true
    browser.storage.session.get(KEY).then(({ [KEY]: found }: { [KEY]?: Stored }) => {
      // Whoever types before this was read keeps what they typed.
      if (isCurrent) setStored((now) => (now?.of === of ? now : found?.of === of ? found : { of, edits: {} }))
    })
    return () => {
      isCurrent = false
    }
  }, [of])

  const edit = (variant: Variant, text: string | null) => {
    if (text === null && edits[variant] === undefined) return
    const { [variant]: _, ...others } = edits
    const next = { of, edits: text === null ? others : { ...others, [variant]: text } }
    setStored(next)
    // At once and by the browser's own call: the popup may be closed by the very next click.
    browser.storage.session.set({ [KEY]: next })
  }
  return { edits, isLoaded, edit }
}

/** FNV-1a: to tell texts apart that nobody chose to look alike. */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
