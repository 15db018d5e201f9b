/** What happened, what you still have, the next press: the one shape of every question and every error. */
import type { JSX } from 'preact'
import { useFocusWhen } from './focus'
import { Icon, type IconName } from './icons'

export interface NoticeAction {
  label: string
  onPress: () => void
}

interface Props {
  tone: 'calm' | 'warn'
  icon: IconName
  title: string
  body?: string | undefined
  /** The first is the one most people want, unless the choice is open. */
  actions: readonly NoticeAction[]
  isOpen?: boolean
  /** A question takes the focus, but not its first button: an Enter pressed twice must not agree to anything. */
  asks?: boolean
}

/** By how likely a press is. */
const KINDS = ['primary', undefined, 'quiet'] as const

export function Notice({ tone, icon, title, body, actions, asks = false, isOpen = false }: Props): JSX.Element {
  const box = useFocusWhen<HTMLElement>(asks)
  return (
    <section class="notice" data-tone={tone} aria-label={title} tabIndex={asks ? -1 : undefined} ref={box}>
      <div class="notice-words">
        <Icon name={icon} toned />
        <div>
          <p>
            <strong>{title}</strong>
          </p>
          {body && <p>{body}</p>}
        </div>
      </div>
      {actions.length > 0 && (
        <div class="actions">
          {actions.map((action, index) => (
            <button
              key={action.label}
              type="button"
              class="button"
              data-kind={isOpen ? undefined : KINDS[Math.min(index, 2)]}
              onClick={action.onPress}
            >
              {action.label}
            </button>
          ))}
        </div>
      )}
    </section>
  )
}
