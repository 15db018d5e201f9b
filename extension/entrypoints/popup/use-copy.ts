/** The clipboard, and what is on it as far as we know. */
import { useCallback, useRef, useState } from 'preact/hooks'

export interface Copied {
  as: 'Markdown' | 'JSON' | 'file' | 'failed'
  /** The text shown at that moment: once it is edited, the clipboard is behind. */
  of: string
}

interface Copier {
  copied: Copied | null
  /** Put `text` on the clipboard; `of` is the text shown, where that is something else. */
  copy: (as: 'Markdown' | 'JSON', of: string, text?: string) => Promise<void>
  markSaved: (of: string) => void
}

export function useCopy(): Copier {
  const [copied, setCopied] = useState<Copied | null>(null)
  // One after the other: of two quick presses the last is what stays, on the clipboard and in words.
  const writing = useRef(Promise.resolve())
  const copy = useCallback((as: 'Markdown' | 'JSON', of: string, text = of) => {
    const write = async () => {
      try {
        await navigator.clipboard.writeText(text)
        setCopied({ as, of })
      } catch {
        // The popup lost the focus, or a policy closes the clipboard. The text is on the screen all the same.
        setCopied({ as: 'failed', of })
      }
    }
    writing.current = writing.current.then(write)
    return writing.current
  }, [])
  const markSaved = useCallback((of: string) => setCopied({ as: 'file', of }), [])
  return { copied, copy, markSaved }
}

export interface CopyWords {
  words: string
  isDone: boolean
}

/** What happened to the text shown, or null if nothing did. */
export function copyWords(copied: Copied | null, text: string, isEdited: boolean): CopyWords | null {
  if (copied?.as === 'failed') return { words: 'Not copied: press Copy', isDone: false }
  if (copied?.of === text) {
    return { words: copied.as === 'file' ? 'Saved as a file' : `Copied as ${copied.as}`, isDone: true }
  }
  return isEdited ? { words: 'Edited, not copied yet', isDone: false } : null
}
