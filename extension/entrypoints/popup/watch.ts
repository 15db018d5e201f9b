/** Storage as hooks: what is stored now, and every change to it. */
import { useLayoutEffect, useState } from 'preact/hooks'
import type { Item } from '../../storage'

/** Null until it has been read. `item` must keep its identity between renders; null reads nothing. */
export function useItem<T>(item: Item<T> | null): T | null {
  const [read, setRead] = useState<{ of: Item<T>; value: T } | null>(null)
  // Asked for at once: an ordinary effect waits for the next paint, which a popup that is not shown yet has not.
  useLayoutEffect(() => {
    if (!item) return
    let isCurrent = true
    const take = (value: T) => {
      if (isCurrent) setRead({ of: item, value })
    }
    const unwatch = item.watch(take)
    item.get().then(take)
    return () => {
      isCurrent = false
      unwatch()
    }
  }, [item])
  // What was read of another item is not an answer about this one.
  return read && read.of === item ? read.value : null
}
