/** The page in front of the user and its job, as the background has it. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Browser, browser } from 'wxt/browser'
import type { Job } from '../../job'
import { type Notice, type RequestInput, send } from '../../messages'
import { jobItem } from '../../storage'
import { useItem } from './watch'

export type Scope = Exclude<Extract<RequestInput, { do: 'capture' }>['scope'], null>

export interface Page {
  title: string
  url: string
  /** Null while nothing is known. While the page is read again, the job before it stays. */
  job: Job | null
  /** What the shortcut or the menu could not do, told once. */
  notice: Notice | null
  /** The background did not answer. */
  failed: boolean
  reopen: () => void
  capture: (scope: Scope | null) => void
  /** Let the user point at a part of the page; the popup makes way for it. */
  pick: () => void
}

interface Place {
  tabId: number | null
  title: string
  url: string
}

export function usePage(): Page {
  const [place, setPlace] = useState<Place>({ tabId: null, title: '', url: '' })
  const [id, setId] = useState<string | null>(null)
  const [notice, setNotice] = useState<Notice | null>(null)
  const [failed, setFailed] = useState(false)
  const [lastJob, setLastJob] = useState<Job | null>(null)
  const item = useMemo(() => (id === null ? null : jobItem(id)), [id])
  const stored = useItem(item)
  const openedAtMs = useRef(0)

  const reopen = useCallback(async () => {
    setFailed(false)
    try {
      const [tab] = await browser.tabs.query({ active: true, currentWindow: true })
      if (tab?.id === undefined) throw new Error('no tab')
      // The card is filled from the tab at once, without waiting for the background to wake.
      setPlace({ tabId: tab.id, title: tab.title ?? '', url: tab.url ?? '' })
      openedAtMs.current = Date.now()
      const opened = await send({ do: 'open', tabId: tab.id })
      setPlace({ tabId: tab.id, title: opened.title, url: opened.url })
      setNotice(opened.notice)
      setId(opened.id)
    } catch {
      setFailed(true)
    }
  }, [])
  // At once, not after the first paint: the page is read while the popup is still being drawn.
  useLayoutEffect(() => {
    reopen()
  }, [reopen])

  const isReading = stored === null || stored.state === 'capturing' || isOutdated(stored, openedAtMs.current)
  useEffect(() => {
    if (!isReading) setLastJob(stored)
  }, [stored, isReading])

  useWaking(stored?.state === 'improving' || stored?.state === 'capturing', reopen)

  const capture = useCallback(
    (scope: Scope | null) => {
      if (place.tabId === null) return
      send({ do: 'capture', tabId: place.tabId, scope }).then(
        (reply) => setId(reply.id),
        () => setFailed(true),
      )
    },
    [place.tabId],
  )
  const pick = useCallback(() => {
    if (place.tabId === null) return
    send({ do: 'pick', tabId: place.tabId }).then(
      () => window.close(),
      () => setFailed(true),
    )
  }, [place.tabId])
  const job = isReading ? lastJob : stored
  return { title: place.title, url: place.url, job, notice, failed, reopen, capture, pick }
}

/**
 * Opening reads every page anew, except one that AI is improving or has improved. What was stored before must not be
 * copied in the moment until then: the page may say something else by now.
 */
function isOutdated(job: Job, openedAtMs: number): boolean {
  if (!('captured' in job) || job.state === 'improving' || job.state === 'improved') return false
  return Date.parse(job.captured.capturedAt) < openedAtMs
}

/** Chrome may end the background at any time. Whoever waits for it says so again, which wakes it; it then goes on. */
function useWaking(isWaiting: boolean, wake: () => void): void {
  const latest = useRef({ isWaiting, wake })
  latest.current = { isWaiting, wake }
  useEffect(() => {
    let port: Browser.runtime.Port
    const hold = () => {
      port = browser.runtime.connect()
      port.onDisconnect.addListener(hasEnded)
    }
    const hasEnded = () => {
      if (latest.current.isWaiting) latest.current.wake()
      hold()
    }
    hold()
    return () => {
      port.onDisconnect.removeListener(hasEnded)
      port.disconnect()
    }
  }, [])
}
