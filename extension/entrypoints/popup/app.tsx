/** The popup: which screen, and what all of them share. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { browser } from 'wxt/browser'
import type { ProviderId } from '../../ai/providers'
import { send } from '../../messages'
import { credits as creditsItem, DEFAULT_SETTINGS, type Settings, settings as settingsItem } from '../../storage'
import { Announcer } from './announcer'
import { takeUp } from './asked'
import { BackHeader, Header } from './header'
import { JobView } from './job-view'
import { KeyView } from './key-view'
import { Notice } from './notice'
import { noticeOf, openingNotice } from './notices'
import { PageCard } from './page-card'
import { pageFacts } from './page-facts'
import { SettingsView } from './settings-view'
import { PrimaryAction, UnderLine } from './start'
import { usePage } from './use-page'
import { useSavedKeys } from './use-saved-keys'
import { useItem } from './watch'

type Screen = 'page' | 'settings' | 'key'

export function App(): JSX.Element {
  const [screen, setScreen] = useState<Screen>('page')
  const storedSettings = useItem(settingsItem)
  const settings = storedSettings ?? DEFAULT_SETTINGS
  const credits = useItem(creditsItem)
  const keys = useSavedKeys()
  const page = usePage()
  const [isPressed, setIsPressed] = useState(false)
  const [isOpened, setIsOpened] = useState(false)
  const [hasNewKey, setHasNewKey] = useState(false)
  const [resumedKey, setResumedKey] = useState<ProviderId | null>(null)
  const { job } = page

  const isStart = job === null || (job.state === 'ready' && !isOpened)
  useEffect(() => {
    // Whoever has seen the text stays with it, whatever becomes of the job.
    if (!isStart) setIsOpened(true)
  }, [isStart])

  useEffect(() => {
    takeUp().then(async (asked) => {
      if (asked?.for === 'key') {
        setResumedKey(asked.provider)
        setScreen('key')
      }
      if (asked?.for === 'keep-credits') {
        setScreen('settings')
        const isAllowed = await browser.permissions.contains({ permissions: ['identity.email'] })
        if (isAllowed) await send({ do: 'identity.keep', keep: true }).catch(() => null)
      }
    })
  }, [])

  // One after the other: two changes at once would each start from the same settings, and one would be lost.
  const saving = useRef(Promise.resolve())
  const change = (changed: Partial<Settings>) => {
    saving.current = saving.current
      .then(async () => settingsItem.set({ ...(await settingsItem.get()), ...changed }))
      // The switch jumps back, which says it. What comes next must not wait for what failed.
      .catch(() => {})
    return saving.current
  }

  const choose = async (mode: Settings['mode']) => {
    await change({ mode })
    // What is left is shown once it is known; nothing waits for it.
    if (mode === 'ai') send({ do: 'credits' }).catch(() => null)
  }

  if (screen === 'settings') {
    return (
      <>
        <BackHeader title="Settings" onBack={() => setScreen('page')} />
        <SettingsView
          settings={settings}
          onChange={(changed) => {
            // How links and images are written is decided while the page is read.
            change(changed).then(() => (changed.links ?? changed.images) && page.capture(null))
          }}
          activeKey={keys.active}
          onKey={() => setScreen('key')}
        />
      </>
    )
  }
  if (screen === 'key') {
    const back = () => {
      setScreen('page')
      // Who came here because AI gave nothing wants that page improved; where it goes now is asked first.
      if (hasNewKey && job?.state === 'kept') {
        const { id } = job
        choose('ai').then(() => send({ do: 'improve', id }).catch(() => {}))
      }
      setHasNewKey(false)
    }
    return (
      <>
        <BackHeader title="Your key" onBack={back} />
        <KeyView
          keys={keys}
          settings={settings}
          onSource={(aiSource) => change({ aiSource })}
          onSaved={() => setHasNewKey(true)}
          resumes={resumedKey}
          onResumed={() => setResumedKey(null)}
        />
      </>
    )
  }

  const opening = page.notice && openingNotice(page.notice)
  const unreadable = job?.state === 'unreadable' ? noticeOf(job, new Date()) : null
  const plain = page.failed ? FAILED : (unreadable ?? (isStart ? opening : null))
  return (
    <>
      <Header mode={settings.mode} onMode={choose} onSettings={() => setScreen('settings')} />
      <main class="screen">
        <PageCard
          title={page.title}
          url={page.url}
          facts={pageFacts(job)}
          onPick={job && 'captured' in job && !isStart ? page.pick : null}
        />
        {plain && (
          <>
            <Announcer words={[plain.title, plain.body].filter(Boolean).join(' ')} />
            <Notice {...plain} actions={plain.moves.map(({ label }) => ({ label, onPress: page.reopen }))} />
          </>
        )}
        {isStart && !page.failed && (
          <div class="start">
            <PrimaryAction
              isWaiting={isPressed}
              onPress={() => {
                setIsPressed(true)
                setIsOpened(true)
              }}
            />
            <UnderLine settings={settings} credits={credits} activeKey={keys.active} onKey={() => setScreen('key')} />
          </div>
        )}
        {job && 'captured' in job && !isStart && (
          <JobView
            job={job}
            settings={settings}
            // A press before the settings were read waits for them: they say what is copied, and how.
            isPressed={isPressed && storedSettings !== null}
            onPressDone={() => setIsPressed(false)}
            onMode={choose}
            onKey={() => setScreen('key')}
            onScope={page.capture}
            onPick={page.pick}
          />
        )}
      </main>
    </>
  )
}

const FAILED = {
  tone: 'warn',
  icon: 'warn',
  title: "PromptReady didn't start.",
  body: 'The page is untouched, and nothing was sent.',
  moves: [{ label: 'Try again', move: 'try-again' }],
} as const
