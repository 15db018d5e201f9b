import { loadavg } from 'node:os'
import type { BrowserContext, Page } from '@playwright/test'
import { articleOf, SIZES_KB } from '../../cli/article'
import { measured } from '../../cli/measured'
import { expect, test } from './fixtures'
import type { Popup } from './popup'

/*
 * Prints what the quality bars speak of, from the press to the text on the screen. It asserts that there is a result,
 * and no time: a machine that is busy with something else says nothing about the extension.
 */
const RUNS = 3
const MB = 1e6

/** Milliseconds from asking the background for the page to its result in the popup's storage. */
const readAgain = (popup: Popup): Promise<number> =>
  popup.eval(`(async () => {
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true })
    const key = 'job:' + tab.url
    const startMs = performance.now()
    const read = new Promise((resolve) => chrome.storage.session.onChanged.addListener(function seen(changes) {
      if (!['ready', 'empty'].includes(changes[key]?.newValue?.state)) return
      chrome.storage.session.onChanged.removeListener(seen)
      resolve(performance.now() - startMs)
    }))
    await chrome.runtime.sendMessage({ do: 'capture', tabId: tab.id, scope: null })
    return read
  })()`)

/** CPU time of the page's main thread while `work` goes on, which another program's load does not change. */
async function cpuMsOf(page: Page, work: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spentMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
  }
  const beforeMs = await spentMs()
  await work()
  const afterMs = await spentMs()
  await session.detach()
  return afterMs - beforeMs
}

/** What the extension's worker keeps in its heap, once what it no longer needs is gone. */
async function workerHeapBytes(context: BrowserContext, extensionId: string): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession()
  if (!session) throw new Error('no browser')
  const { targetInfos } = await session.send('Target.getTargets')
  const worker = targetInfos.find(({ type, url }) => type === 'service_worker' && url.includes(extensionId))
  if (!worker) throw new Error('the worker is not running')
  const { sessionId } = await session.send('Target.attachToTarget', { targetId: worker.targetId, flatten: false })
  const used = new Promise<number>((resolve) =>
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message)
      if (id === 2) resolve(result.usedSize)
    }),
  )
  for (const [index, method] of ['HeapProfiler.collectGarbage', 'Runtime.getHeapUsage'].entries()) {
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: index + 1, method }) })
  }
  const bytes = await used
  await session.detach()
  return bytes
}

test('the quality bars, printed', async ({ context, extensionId, network, page, openPopup }) => {
  test.setTimeout(180_000)
  for (const kb of SIZES_KB) {
    const bytes = kb * 1000
    const url = `http://bench.test/${bytes}`
    network.pages.set(url, { body: articleOf(bytes) })
    await page.goto(url)
    const popup = await openPopup(page)
    // Opening reads the page too; what is measured comes after.
    await popup.says(/[\d,]+ words/, 60_000)
    const wallMs: number[] = []
    const cpuMs: number[] = []
    for (let run = 0; run < RUNS; run += 1) {
      cpuMs.push(await cpuMsOf(page, async () => void wallMs.push(await readAgain(popup))))
    }
    expect(Math.min(...wallMs)).toBeGreaterThan(0)
    const least = (times: number[]) => `${Math.min(...times).toFixed(0)} ms`
    const heapMb = (await workerHeapBytes(context, extensionId)) / MB
    measured('click', { kb, wallMs: Math.min(...wallMs), cpuMs: Math.min(...cpuMs), heapMb })
    console.log(
      `${kb} kB article: from the press to Markdown ${least(wallMs)}, of the page's CPU ${least(cpuMs)}, the worker keeps ${heapMb.toFixed(1)} MB (best of ${RUNS}, load ${loadavg()[0]?.toFixed(1)})`,
    )
    await popup.close()
  }
})
