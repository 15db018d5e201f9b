/** Which part of the page: a native select, so that keyboard and screen reader know it already. */
import type { JSX } from 'preact'
import type { Captured } from '../../job'
import { Icon } from './icons'
import type { Scope } from './use-page'

const SCOPES: readonly [Scope, string][] = [
  ['auto', 'Main part'],
  ['wider', 'Wider'],
  ['narrower', 'Narrower'],
  ['whole', 'Whole page'],
  ['selection', 'Selection'],
  ['element', 'Picked part'],
]

export function ScopeMenu({ captured, onScope }: { captured: Captured; onScope: (scope: Scope) => void }): JSX.Element {
  const { scope } = captured.page
  const offered = SCOPES.filter(
    ([value]) => value === scope || (value === 'selection' ? captured.selectionWords > 0 : value !== 'element'),
  )
  return (
    <span class="select-box end">
      <select
        class="select"
        data-kind="quiet"
        aria-label="Part of the page"
        value={scope}
        onChange={(event) => {
          const chosen = SCOPES.find(([value]) => value === event.currentTarget.value)
          if (chosen) onScope(chosen[0])
        }}
      >
        {offered.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </span>
  )
}
