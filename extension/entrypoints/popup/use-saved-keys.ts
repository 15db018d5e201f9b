/** The user's own keys as the background shows them: masked. */
import { useCallback, useEffect, useState } from 'preact/hooks'
import { type SavedKey, send } from '../../messages'

export interface SavedKeys {
  /** Null until the background has answered. */
  list: readonly SavedKey[] | null
  active: SavedKey | null
  refresh: () => Promise<void>
}

export function useSavedKeys(): SavedKeys {
  const [list, setList] = useState<readonly SavedKey[] | null>(null)
  const refresh = useCallback(
    () =>
      send({ do: 'key.list' }).then(setList, () => {
        // Nobody to ask: whatever is saved is still saved, and the page's screen says that something is wrong.
      }),
    [],
  )
  useEffect(() => {
    refresh()
  }, [refresh])
  return { list, active: list?.find((key) => key.isActive) ?? null, refresh }
}
