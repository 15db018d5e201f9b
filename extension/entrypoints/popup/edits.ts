/**
 * What the user typed into the preview: kept for the session, so that closing the popup takes nothing away. The job
 * stays as the background made it; this is a layer over it, for one capture of one page.
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { storage } from 'wxt/utils/storage'
import type { Captured } from '../../orchestrator'
import type { Variant } from './output'

type Edits = Partial<Record<Variant, string>>
interface Stored {
  /** Which capture was edited. Another one starts fresh. */
  of: string
  edits: Edits
}

const KEY = 'session:edits'
/** Long enough to gather quick typing, short enough to lose nothing to a closing popup that does not say goodbye. */
const SAVE_AFTER_MS = 200

interface Editing {
  edits: Edits
  /** False until the edits of an earlier opening have been read. */
  isLoaded: boolean
  /** Null takes the edit back. */
  edit: (variant: Variant, text: string | null) => void
}

export function useEdits(jobId: string, captured: Captured): Editing {
  const of = `${jobId} ${captured.capturedAt} ${captured.page.scope}`
  const [stored, setStored] = useState<Stored | null>(null)
  const unsaved = useRef<Stored | null>(null)
  const isLoaded = stored?.of === of
  const edits = isLoaded ? stored.edits : {}

  useEffect(() => {
    let isCurrent = true
    storage.getItem<Stored>(KEY).then((found) => {
      // Whoever types before this was read keeps what they typed.
      if (isCurrent) setStored((now) => (now?.of === of ? now : found?.of === of ? found : { of, edits: {} }))
    })
    return () => {
      isCurrent = false
    }
  }, [of])

  const save = useCallback(() => {
    if (unsaved.current) storage.setItem(KEY, unsaved.current)
    unsaved.current = null
  }, [])
  useEffect(() => {
    const timer = setTimeout(save, SAVE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [stored, save])
  useEffect(() => {
    addEventListener('pagehide', save)
    return () => removeEventListener('pagehide', save)
  }, [save])

  const edit = useCallback(
    (variant: Variant, text: string | null) =>
      setStored((now) => {
        const { [variant]: _, ...others } = now?.of === of ? now.edits : {}
        unsaved.current = { of, edits: text === null ? others : { ...others, [variant]: text } }
        return unsaved.current
      }),
    [of],
  )
  return { edits, isLoaded, edit }
}
