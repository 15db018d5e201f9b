/** Leaving no trace on this device, in two presses. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { send } from '../../messages'
import { Notice } from './notice'

export function DeleteEverything({ onDeleted }: { onDeleted: () => void }): JSX.Element {
  const [isAsking, setIsAsking] = useState(false)
  if (!isAsking) {
    return (
      <section class="group">
        <button type="button" class="button" data-kind="danger" onClick={() => setIsAsking(true)}>
          Delete everything on this device
        </button>
      </section>
    )
  }
  return (
    <Notice
      tone="warn"
      icon="warn"
      title="Delete settings, keys, results and your anonymous id?"
      body="Free cleanups that are left can't be brought back."
      actions={[
        {
          label: 'Keep everything',
          onPress: () => setIsAsking(false),
        },
        {
          label: 'Delete',
          onPress: async () => {
            await send({ do: 'delete-everything' })
            setIsAsking(false)
            onDeleted()
          },
        },
      ]}
      asks
    />
  )
}
