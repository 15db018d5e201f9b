/** Where you are: title, host, and what of the page will be used. */
import type { JSX } from 'preact'
import { Icon } from './icons'
import { hostOf, letterOf } from './words'

interface Props {
  title: string
  url: string
  /** What will be used, if it is known: "article", "selection · 214 words". */
  facts: readonly string[]
  /** Null while there is nothing to pick from. */
  onPick: (() => void) | null
}

const PICK = 'Pick a part of the page'

export function PageCard({ title, url, facts, onPick }: Props): JSX.Element {
  const host = hostOf(url)
  return (
    <section class="page" aria-label="This page">
      <span class="page-letter" aria-hidden="true">
        {letterOf(host)}
      </span>
      <div class="page-words">
        <h2 class="page-title" dir="auto" title={title}>
          {title || host}
        </h2>
        <p class="page-facts" title={host}>
          {[host, ...facts].join(' · ')}
        </p>
      </div>
      {onPick && (
        <button type="button" class="icon-button" aria-label={PICK} title={PICK} onClick={onPick}>
          <Icon name="pick" />
        </button>
      )}
    </section>
  )
}
