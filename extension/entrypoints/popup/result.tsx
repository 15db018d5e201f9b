/** The text and what can be done with it. */
import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { estimateTokenCount } from 'tokenx'
import type { Captured } from '../../job'
import { type Jump, Preview } from './preview'
import { ScopeMenu } from './scope-menu'
import type { Scope } from './use-page'
import { approximateTokens, counted } from './words'

interface Props {
  captured: Captured
  text: string
  /** Which text it is, for those who can't see the switch. */
  label: string
  jump: Jump | null
  isEdited: boolean
  /** Null takes the edits back. */
  onEdit: (text: string | null) => void
  onCopy: () => void
  onSave: () => void
  onJson: () => void
  onScope: (scope: Scope) => void
  /** What stands between the text and the buttons: the check of an AI answer. */
  children?: ComponentChildren
}

export function Result({
  captured,
  text,
  label,
  jump,
  isEdited,
  onEdit,
  onCopy,
  onSave,
  onJson,
  onScope,
  children,
}: Props): JSX.Element {
  const copyButton = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    // The button that had the focus was answered and is gone: the keyboard goes on from here, at once (see focus.ts).
    if (document.activeElement === document.body) copyButton.current?.focus()
  })
  return (
    <>
      <Preview text={text} label={label} jump={jump} onEdit={onEdit} />
      <p class="kept">
        {isEdited ? (
          <button type="button" class="link" onClick={() => onEdit(null)}>
            Undo my edits
          </button>
        ) : (
          <span>{keptWords(captured.page.counts)}</span>
        )}
        <span class="tokens">{approximateTokens(estimateTokenCount(text))}</span>
      </p>
      {children}
      <div class="actions">
        <button type="button" class="button" data-kind="primary" ref={copyButton} onClick={onCopy}>
          Copy
        </button>
        <button type="button" class="button" onClick={onSave}>
          Save .md
        </button>
        <button type="button" class="button" onClick={onJson} aria-label="Copy as JSON" title="Copy as JSON">
          JSON
        </button>
        <ScopeMenu captured={captured} onScope={onScope} />
      </div>
    </>
  )
}

/** "Kept 14 links · 3 code blocks · 2 tables", or the words where there is nothing else to count. */
export function keptWords(counts: Captured['page']['counts']): string {
  const kept = [
    [counts.links, 'link'],
    [counts.codeBlocks, 'code block'],
    [counts.tables, 'table'],
    [counts.images, 'image'],
  ] as const
  const parts = kept.filter(([count]) => count > 0).map(([count, one]) => counted(count, one))
  return `Kept ${parts.length > 0 ? parts.slice(0, 3).join(' · ') : counted(counts.words, 'word')}`
}
