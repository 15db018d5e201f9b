/** What stays the same from page to page. Every change is saved at once. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { browser } from 'wxt/browser'
import type { SavedKey } from '../../messages'
import { exportSettings, importSettings, resetSettings, type Settings } from '../../storage'
import { Announcer } from './announcer'
import { AnonymousId } from './anonymous-id'
import { DeleteEverything } from './delete-everything'
import { download } from './download'
import { Row, SelectRow } from './field'
import { KeepCredits } from './keep-credits'

interface Props {
  settings: Settings
  onChange: (changed: Partial<Settings>) => void
  activeKey: SavedKey | null
  onKey: () => void
}

export function SettingsView({ settings, onChange, activeKey, onKey }: Props): JSX.Element {
  const [said, setSaid] = useState('')
  const file = useRef<HTMLInputElement>(null)
  const shortcut = useShortcut()
  const take = async (chosen: File | undefined) => {
    if (!chosen) return
    const isTaken = await importSettings(await chosen.text())
    setSaid(isTaken ? 'Settings imported.' : 'That file holds no PromptReady settings. Nothing was changed.')
  }
  return (
    <main class="screen form">
      <section class="group" aria-label="The text">
        <SelectRow
          label="Citation"
          name="citation"
          value={settings.citation}
          options={[
            ['block', 'Quote block on top'],
            ['frontmatter', 'YAML front matter'],
            ['none', 'None'],
          ]}
          onChoose={(citation) => onChange({ citation })}
        />
        <SelectRow
          label="Links"
          name="links"
          value={settings.links}
          options={[
            ['keep', 'Keep'],
            ['text', 'Text only'],
          ]}
          onChoose={(links) => onChange({ links })}
        />
        <SelectRow
          label="Images"
          name="images"
          value={settings.images}
          options={[
            ['keep', 'Keep'],
            ['alt', 'Description only'],
            ['none', 'None'],
          ]}
          onChoose={(images) => onChange({ images })}
        />
        <Row label="File name" name="file-name">
          <input
            id="file-name"
            class="input"
            data-mono
            spellcheck={false}
            maxLength={200}
            aria-describedby="file-name-hint"
            value={settings.fileName}
            // On leaving the field: a half-typed pattern is nobody's setting.
            onChange={(event) => onChange({ fileName: event.currentTarget.value.trim() || '{title}' })}
          />
        </Row>
        <p class="small muted indent" id="file-name-hint">
          {'{title}, {site}, {date} are filled in.'}
        </p>
      </section>

      <section class="group" aria-label="AI and keyboard">
        <div class="row">
          <span class="label">Your key</span>
          <span class="pair">
            <span class="clip">{activeKey ? activeKey.label : 'None'}</span>
            <button type="button" class="button" aria-label={activeKey ? 'Change my key' : undefined} onClick={onKey}>
              {activeKey ? 'Change' : 'Add a key'}
            </button>
          </span>
        </div>
        <div class="row">
          <span class="label">Shortcut</span>
          <span class="pair">
            <span class="clip">{shortcut || 'Not set'}</span>
            <button
              type="button"
              class="button"
              aria-label="Change the shortcut"
              onClick={() => browser.tabs.create({ url: SHORTCUTS_PAGE })}
            >
              Change
            </button>
          </span>
        </div>
        <KeepCredits onSaid={setSaid} />
        <AnonymousId said={said} onSaid={setSaid} />
      </section>

      <section class="group" aria-label="Settings as a file">
        <div class="actions">
          <button
            type="button"
            class="button"
            onClick={async () => download('promptready-settings.json', await exportSettings(), 'application/json')}
          >
            Export
          </button>
          <button type="button" class="button" onClick={() => file.current?.click()}>
            Import
          </button>
          <button
            type="button"
            class="button"
            onClick={() => resetSettings().then(() => setSaid('All settings are as they came.'))}
          >
            Reset
          </button>
          <input
            ref={file}
            type="file"
            accept="application/json,.json"
            hidden
            onChange={(event) => take(event.currentTarget.files?.[0])}
          />
          <p class="small muted said">{said || 'Keys are never in it.'}</p>
        </div>
        <Announcer words={said} />
      </section>

      <DeleteEverything onSaid={setSaid} />
    </main>
  )
}

const SHORTCUTS_PAGE = import.meta.env.FIREFOX ? 'about:addons' : 'chrome://extensions/shortcuts'

function useShortcut(): string {
  const [shortcut, setShortcut] = useState('')
  useEffect(() => {
    browser.commands.getAll().then((commands) => {
      setShortcut(commands.find((command) => command.name === 'copy-page')?.shortcut ?? '')
    })
  }, [])
  return shortcut
}
