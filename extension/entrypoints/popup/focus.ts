/** Where the keyboard goes when the screen changes. */
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * The element that takes the focus as soon as it is wanted there.
 *
 * The focus moves in the very turn in which the screen changes. An ordinary effect waits for the next paint, and whoever
 * is faster than that would press Tab and Enter in a place that is gone.
 */
export function useFocusWhen<Kind extends HTMLElement>(isWanted: boolean): RefObject<Kind> {
  const element = useRef<Kind>(null)
  useLayoutEffect(() => {
    if (isWanted) element.current?.focus()
  }, [isWanted])
  return element
}
