/** Before the press: the one primary action, and what it means for your data and your credits. */
import type { JSX } from 'preact'
import type { SavedKey } from '../../messages'
import type { Credits, Settings } from '../../storage'
import { useFocusWhen } from './focus'
import { Icon } from './icons'
import { counted } from './words'

interface PrimaryProps {
  /** Pressed before the page was read: it will be copied as soon as it is. */
  isWaiting: boolean
  onPress: () => void
}

export function PrimaryAction({ isWaiting, onPress }: PrimaryProps): JSX.Element {
  const button = useFocusWhen<HTMLButtonElement>(true)
  return (
    <button
      type="button"
      class="button primary"
      data-kind="primary"
      ref={button}
      // Stays focusable while waiting: a disabled button would drop the keyboard's place.
      aria-disabled={isWaiting || undefined}
      onClick={() => !isWaiting && onPress()}
    >
      <span class="primary-words">{isWaiting ? 'Reading the page…' : 'Copy for prompt'}</span>
      <span aria-hidden="true">⏎</span>
    </button>
  )
}

interface UnderProps {
  settings: Settings
  credits: Credits | null
  activeKey: SavedKey | null
  onKey: () => void
}

/** Who will see the page, and what it costs. */
export function UnderLine({ settings, credits, activeKey, onKey }: UnderProps): JSX.Element {
  if (settings.mode === 'offline') {
    return (
      <p class="under">
        <Icon name="lock" />
        Nothing leaves this device
      </p>
    )
  }
  if (settings.aiSource === 'own-key' && activeKey) {
    return (
      <p class="under">
        <button type="button" class="link" onClick={onKey}>
          Your key
        </button>
        · {activeKey.label}
      </p>
    )
  }
  if (credits?.remaining === 0) {
    return (
      <p class="under">
        No free AI cleanups left ·
        <button type="button" class="link" onClick={onKey}>
          Add my key
        </button>
      </p>
    )
  }
  return (
    <p class="under">
      {credits ? `${counted(credits.remaining, 'free AI cleanup')} left` : 'Free AI cleanups included'}
    </p>
  )
}
