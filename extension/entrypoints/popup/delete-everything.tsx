/** Leaving no trace on this device, in two presses. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { send } from '../../messages'
import { useFocusWhen } from './focus'
import { Notice } from './notice'

export function DeleteEverything({ onSaid }: { onSaid: (words: string) => void }): JSX.Element {
  const [asked, setAsked] = useState<'not' | 'now' | 'answered'>('not')
  // Whichever answer was pressed is gone with the question; the keyboard goes back to where it came from.
  const button = useFocusWhen<HTMLButtonElement>(asked === 'answered')

  const erase = async () => {
    const isDone = await send({ do: 'delete-everything' }).then(
      () => true,
      () => false,
    )
    onSaid(isDone ? 'Everything on this device was deleted.' : 'Not everything could be deleted. Try again.')
    setAsked('answered')
  }
  if (asked !== 'now') {
    return (
      <section class="group">
        <button type="button" class="button" data-kind="danger" ref={button} onClick={() => setAsked('now')}>
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
        { label: 'Keep everything', onPress: () => setAsked('answered') },
        { label: 'Delete', onPress: erase },
      ]}
      asks
    />
  )
}
