/** The one live region. It says what changed, once; React-style rerenders with the same words stay silent. */
import type { JSX } from 'preact'

export function Announcer({ words }: { words: string }): JSX.Element {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {words}
    </p>
  )
}
