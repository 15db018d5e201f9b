/** The id under which the server counts credits: whoever runs it needs it to erase what is kept there. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { send } from '../../messages'

interface Props {
  /** The id may be another one after each of these. */
  said: string
  onSaid: (words: string) => void
}

export function AnonymousId({ said, onSaid }: Props): JSX.Element {
  const [id, setId] = useState<string | null>(null)
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    send({ do: 'identity.show' }).then(setId, () => {
      // Nobody to ask: then there is nothing to show.
    })
  }, [said])
  const copy = (shown: string) =>
    navigator.clipboard.writeText(shown).then(
      () => {
        setIsCopied(true)
        onSaid('Your anonymous id was copied.')
      },
      () => onSaid("Your anonymous id couldn't be copied."),
    )
  return (
    <div class="row">
      <span class="label">Anonymous id</span>
      <span class="pair">
        <span class={id ? 'clip id' : 'clip muted'} title={id ?? undefined}>
          {id ?? 'None yet'}
        </span>
        {id && (
          <button type="button" class="button" aria-label="Copy my anonymous id" onClick={() => copy(id)}>
            {isCopied ? 'Copied' : 'Copy'}
          </button>
        )}
      </span>
    </div>
  )
}
