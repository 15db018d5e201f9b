/** Time in a worker that the browser likes to end. */
import { browser } from 'wxt/browser'

/** Chrome ends a worker after 30 s without an event or a call of an extension API. */
const HEARTBEAT_MS = 20_000

/** Keep the worker from being ended while `work` is going on, by calling the cheapest API there is. */
export async function keepAwake<T>(work: Promise<T>): Promise<T> {
  const heartbeat = setInterval(() => browser.runtime.getPlatformInfo(), HEARTBEAT_MS)
  try {
    return await work
  } finally {
    clearInterval(heartbeat)
  }
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
