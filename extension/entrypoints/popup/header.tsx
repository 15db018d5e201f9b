/** The bar on top: the name and the mode on the page's screen, a way back on every other. */
import type { JSX } from 'preact'
import type { Settings } from '../../storage'
import { useFocusWhen } from './focus'
import { Icon, Mark } from './icons'
import { Segmented } from './segmented'

const MODES = [
  { value: 'offline', label: 'Offline' },
  { value: 'ai', label: 'AI' },
] as const

interface Props {
  mode: Settings['mode']
  onMode: (mode: Settings['mode']) => void
  onSettings: () => void
}

export function Header({ mode, onMode, onSettings }: Props): JSX.Element {
  return (
    <header class="bar">
      <h1 class="brand">
        <Mark />
        PromptReady
      </h1>
      <Segmented name="mode" legend="Mode" value={mode} choices={MODES} onChoose={onMode} />
      <button type="button" class="icon-button" aria-label="Settings" title="Settings" onClick={onSettings}>
        <Icon name="tune" />
      </button>
    </header>
  )
}

/** Takes the focus when it appears, so that the new screen is read out and Tab goes on from its top. */
export function BackHeader({ title, onBack }: { title: string; onBack: () => void }): JSX.Element {
  const heading = useFocusWhen<HTMLHeadingElement>(true)
  return (
    <header class="bar">
      <button type="button" class="icon-button" aria-label="Back" title="Back" onClick={onBack}>
        <Icon name="back" />
      </button>
      <h1 class="brand" tabIndex={-1} ref={heading}>
        {title}
      </h1>
    </header>
  )
}
