/** The few signs of the popup, drawn on one 16 px grid. They only repeat what the words beside them say, so screen readers skip them. */
import type { JSX } from 'preact'

const PATHS = {
  back: 'M9.5 3.5 5 8l4.5 4.5',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  info: 'M8 7.4v3.8M8 4.9v.1M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  lock: 'M4 7.2h8v6H4zM5.6 7.2V5a2.4 2.4 0 0 1 4.8 0v2.2',
  warn: 'M8 6.4v3.1M8 11.6v.1M8 2.2 14.4 13.4H1.6Z',
  wait: 'M8 4.6V8l2.4 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  pick: 'M8 1.5v3.2M8 11.3v3.2M1.5 8h3.2M11.3 8h3.2M8 8v.1M12.5 8a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0Z',
  tune: 'M2.5 5h6.7M12.8 5h.7M2.5 11h.7M6.8 11h6.7M12.8 5a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0ZM6.8 11a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0Z',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, toned = false }: { name: IconName; toned?: boolean }): JSX.Element {
  return (
    <svg class={toned ? 'icon toned' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The product's mark: a prompt waiting for what you bring. */
export function Mark(): JSX.Element {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <rect class="mark-ground" width="20" height="20" rx="5" />
      <path class="mark-sign" d="m5.5 6.5 3.5 3.5-3.5 3.5M11 14h4" />
    </svg>
  )
}
