/** The Markdown as it will be copied; what you change here is what you get. */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** A stretch of the text to show, in UTF-16 offsets. A new object is a new request, even with the same offsets. */
export interface Jump {
  start: number
  end: number
}

interface Props {
  text: string
  label: string
  jump: Jump | null
  onEdit: (text: string) => void
}

export function Preview({ text, label, jump, onEdit }: Props): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    if (jump && area.current) show(area.current, jump)
  }, [jump])
  return (
    <textarea
      ref={area}
      class="preview"
      dir="auto"
      spellcheck={false}
      aria-label={label}
      value={text}
      onInput={(event) => onEdit(event.currentTarget.value)}
    />
  )
}

/** Select the stretch and bring it into sight. Browsers scroll a text field to its caret only when it gains the focus. */
function show(area: HTMLTextAreaElement, { start, end }: Jump): void {
  area.blur()
  area.setSelectionRange(start, start)
  area.focus()
  area.setSelectionRange(start, end)
}
