/** Keeping free credits over a reinstall needs the browser's permission; it is asked for here, where it says why. */
import type { JSX } from 'preact'
import { browser } from 'wxt/browser'
import { send } from '../../messages'
import { keepsCredits } from '../../storage'
import { forget, remember } from './asked'
import { useItem } from './watch'

export function KeepCredits({ onSaid }: { onSaid: (words: string) => void }): JSX.Element | null {
  const isKept = useItem(keepsCredits) ?? false
  if (import.meta.env.FIREFOX) return null

  const change = async (wanted: boolean): Promise<boolean> => {
    // The question may close the popup; the next opening goes on. Nothing may be awaited before it.
    if (wanted) remember({ for: 'keep-credits' })
    const isAllowed = !wanted || (await browser.permissions.request({ permissions: ['identity.email'] }))
    await forget()
    const { kept } = await send({ do: 'identity.keep', keep: wanted && isAllowed })
    if (kept !== wanted) onSaid('Without the permission your credits stay with this installation.')
    return kept
  }
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isKept}
        onChange={(event) => {
          const box = event.currentTarget
          change(box.checked)
            .catch(() => false)
            .then((kept) => {
              // The browser has ticked it already; only what was granted counts.
              box.checked = kept
            })
        }}
      />
      <span>
        Keep my credits when I reinstall
        <span class="small muted block">
          Keeps a fingerprint of who is signed in to this browser. Your e-mail address is never stored or sent.
        </span>
      </span>
    </label>
  )
}
