/** AI at work: a thin line, which part, a way to stop; and a countdown while the server asks us to wait. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { PartState } from '../../job'
import { Icon } from './icons'
import { secondsLeft } from './words'

interface Props {
  parts: readonly PartState[]
  waitingUntilMs: number | null
  onCancel: () => void
}

export function Working({ parts, waitingUntilMs, onCancel }: Props): JSX.Element {
  const total = parts.filter((part) => part !== 'offline' && part !== 'skipped').length
  const done = parts.filter((part) => part === 'answered').length
  const words = total > 1 ? `part ${Math.min(done + 1, total)} of ${total}` : ''
  return (
    <div class="working">
      <div class="status">
        {waitingUntilMs === null ? (
          <p class="status-words">Improving with AI… {words && <span class="part">{words}</span>}</p>
        ) : (
          <p class="status-words waiting">
            <Icon name="wait" toned />
            <Countdown untilMs={waitingUntilMs} />
          </p>
        )}
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
      <progress
        class="working-line"
        aria-label="Improving with AI"
        max={total}
        // Without a value the line says "at work"; it has one as soon as a part is done.
        {...(done > 0 ? { value: done } : {})}
      />
    </div>
  )
}

/** Not in a live region: announcing every second would drown everything else. */
function Countdown({ untilMs }: { untilMs: number }): JSX.Element {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <span>
      One moment: the last page is still being improved.{' '}
      <span class="muted nowrap">Going on in {secondsLeft(new Date(untilMs), now)} s</span>
    </span>
  )
}
