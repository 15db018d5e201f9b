import { beforeEach, describe, expect, it } from 'vitest'
import type { Improver, Outcome } from '../../ai/improver'
import type { Run } from '../../ai/run'
import type { Verification } from '../../ai/verify'
import type { CleanOptions } from '../../cleaner'
import { createOrchestrator, type Deps, type Destination, type Job, type Jobs, type Read } from '../../orchestrator'
import { DEFAULT_SETTINGS } from '../../storage'
import { pageOf } from './page'

const ID = 'https://example.org/tea'
const FREE = { kind: 'free', host: 'api.example.org' } as const
const LONG = ['# One', 'a'.repeat(7_000), '# Two', 'b'.repeat(7_000), '# Three', 'c'.repeat(7_000)].join('\n\n')

/** Storage as it would be after a JSON round trip, with every state a job went through. */
class MemoryJobs implements Jobs {
  readonly jobs = new Map<string, string>()
  readonly runs = new Map<string, string>()
  readonly history: Job[] = []

  get = async (id: string) => JSON.parse(this.jobs.get(id) ?? 'null') as Job | null
  put = async (job: Job) => {
    this.history.push(structuredClone(job))
    this.jobs.set(job.id, JSON.stringify(job))
  }
  getRun = async (id: string) => JSON.parse(this.runs.get(id) ?? 'null') as Run | null
  putRun = async (id: string, run: Run) => {
    this.runs.set(id, JSON.stringify(run))
  }
  ids = async () => [...this.jobs.keys()]
  remove = async (id: string) => {
    this.jobs.delete(id)
    this.runs.delete(id)
  }
}

interface Sent {
  content: string
  key: string
}

let jobs: MemoryJobs
let sent: Sent[]
let markdown: string
let read: Read | null
let asked: CleanOptions[]
let consents: Set<string>
let destination: Destination
let answerPart: (sent: Sent, signal: AbortSignal) => Promise<Outcome>
let nowMs: number
let waits: number[]
/** Whether waiting takes until it is interrupted, instead of no time at all. */
let patient: boolean

const improver: Improver = {
  improve: (content, key, signal) => {
    sent.push({ content, key })
    return answerPart({ content, key }, signal)
  },
}
const improvedNow = ({ content }: Sent): Outcome => ({ kind: 'answered', text: `${content} (better)` })
const improved = async (part: Sent) => improvedNow(part)
const failedWith =
  (problem: Extract<Outcome, { kind: 'failed' }>['problem'], stopsAll = false) =>
  async () =>
    ({ kind: 'failed', problem, stopsAll, spendsKey: false }) as const

beforeEach(() => {
  jobs = new MemoryJobs()
  sent = []
  asked = []
  waits = []
  patient = false
  nowMs = 1_000_000
  markdown = '# Tea\n\nHot water on leaves.'
  read = null
  consents = new Set(['https://api.example.org'])
  destination = { via: FREE, origin: 'https://api.example.org', improver, problem: null }
  answerPart = improved
})

/** A worker's life: everything but storage is new. */
function worker() {
  let keys = 0
  const life = Math.random().toString(36).slice(2)
  const deps: Deps = {
    read: async (_, options) => {
      asked.push(options)
      return read ?? { kind: 'page', url: ID, selectionWords: 0, page: pageOf(markdown) }
    },
    destination: async () => destination,
    verify: (source, answer) => ({ source, answer }) as unknown as Verification,
    jobs,
    settings: async () => ({ ...DEFAULT_SETTINGS, mode: 'ai', links: 'text' }),
    hasConsent: async (origin) => consents.has(origin),
    giveConsent: async (origin) => {
      consents.add(origin)
    },
    creditsLeft: async () => 5,
    nowMs: () => nowMs,
    newKey: () => `${life}-${++keys}`,
    wait: async (ms, signal) => {
      waits.push(ms)
      if (patient) return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
      nowMs += ms
    },
    keepAwake: (work) => work,
  }
  return createOrchestrator(deps)
}

const PRESS = { consented: false, hides: null, which: null } as const
const YES = { ...PRESS, which: 'all' } as const
const job = async () => (await jobs.get(ID)) as Job
const states = () => jobs.history.map(({ state }) => state)

async function opened() {
  const orchestrator = worker()
  await orchestrator.open(1, ID)
  return orchestrator
}

describe('offline', () => {
  it('reads the page on opening and sends nothing', async () => {
    await opened()
    expect(await job()).toMatchObject({ state: 'ready', captured: { url: ID, page: { markdown } } })
    expect(states()).toEqual(['capturing', 'ready'])
    expect(asked).toEqual([{ links: 'text', images: 'keep' }])
    expect(sent).toEqual([])
  })

  it('reads anew on every opening', async () => {
    await opened()
    markdown = '# Coffee\n\nBeans.'
    await opened()
    expect(await job()).toMatchObject({ state: 'ready', captured: { page: { markdown } } })
  })

  it('says why a page cannot be read', async () => {
    read = { kind: 'unreadable', reason: 'store' }
    await opened()
    expect(await job()).toEqual({ state: 'unreadable', id: ID, reason: 'store' })
  })

  it('says when there is little text', async () => {
    const page = pageOf('Hi')
    read = { kind: 'page', url: ID, selectionWords: 0, page: { ...page, counts: { ...page.counts, words: 1 } } }
    await opened()
    expect(await job()).toMatchObject({ state: 'empty', captured: { page: { markdown: 'Hi' } } })
  })

  it.each(['selection', 'element'] as const)('takes a short %s at its word', async (scope) => {
    const page = pageOf('Hi')
    read = { kind: 'page', url: ID, selectionWords: 1, page: { ...page, scope, counts: { ...page.counts, words: 1 } } }
    await opened()
    expect(await job()).toMatchObject({ state: 'ready', captured: { page: { markdown: 'Hi' } } })
  })

  it('keeps a few pages, the newest, and every running one', async () => {
    const orchestrator = worker()
    answerPart = () => new Promise(() => {})
    await orchestrator.open(1, 'running')
    void orchestrator.improve('running', YES)
    for (let page = 0; page < 9; page += 1) {
      nowMs += 1
      await orchestrator.open(1, `page ${page}`)
    }
    expect([...jobs.jobs.keys()].sort()).toEqual(['page 4', 'page 5', 'page 6', 'page 7', 'page 8', 'running'])
  })
})

describe('before anything is sent', () => {
  it('asks for consent, and remembers it', async () => {
    consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ state: 'asking', question: { about: 'consent', via: FREE } })
    expect(sent).toEqual([])
    await orchestrator.improve(ID, { ...PRESS, consented: true })
    expect(await job()).toMatchObject({ state: 'improved' })
    expect([...consents]).toEqual(['https://api.example.org'])
  })

  it('says what a long page costs, and does not take consent for a yes to that', async () => {
    consents.clear()
    markdown = LONG
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, consented: true })
    expect(await job()).toMatchObject({
      state: 'asking',
      question: { about: 'long-page', parts: 3, creditsLeft: 5 },
    })
    expect(sent).toEqual([])
  })

  it('asks for an own key that is not there', async () => {
    destination = { via: FREE, problem: { kind: 'key', cause: 'missing', host: '' } }
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'key', cause: 'missing' } })
  })

  it('goes back to the offline result', async () => {
    consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    await orchestrator.keepOffline(ID)
    expect(await job()).toMatchObject({ state: 'ready' })
  })
})

describe('a page that looks private', () => {
  const PRIVATE = '# Tea\n\nWrite to ada@teahouse.org or [bea](mailto:bea@teahouse.org), or ring +44 20 7946 0958.'
  const HIDE = { ...PRESS, hides: true }
  const AS_IS = { ...PRESS, hides: false }
  const asks = (about: string) =>
    expect.objectContaining({ state: 'asking', question: expect.objectContaining({ about }) })

  beforeEach(() => {
    markdown = PRIVATE
  })

  it('is not sent before the question about it is answered, and after the one where it goes', async () => {
    consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toEqual(asks('consent'))
    const again = await opened()
    await again.improve(ID, { ...PRESS, consented: true })
    expect(await job()).toMatchObject({
      question: { about: 'private', via: FREE, found: { email: 2, phone: 1, card: 0, key: 0 } },
    })
    expect(sent).toEqual([])
    await again.keepOffline(ID)
    await again.improve(ID, PRESS)
    expect(await job()).toEqual(asks('private'))
    expect(sent).toEqual([])
  })

  it('is sent without what is hidden, and comes back with it, unchanged for the check', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, HIDE)
    const [part] = sent
    expect(part?.content).toBe('# Tea\n\nWrite to HiddenEmail1 or [bea](mailto:HiddenEmail2), or ring HiddenPhone1.')
    const answer = `${PRIVATE} (better)`
    expect(await job()).toMatchObject({
      state: 'improved',
      markdown: answer,
      verification: { source: PRIVATE, answer },
    })
    for (const seen of jobs.history) if (seen.state === 'improving') expect(seen.markdown).toContain(PRIVATE)
  })

  it('is sent as it was edited, and asked about no more once what was private is gone', async () => {
    const edited = '# Tea\n\nWrite to Ada.'
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, edited })
    expect(sent.map(({ content }) => content)).toEqual([edited])
    expect(await job()).toMatchObject({ state: 'improved', verification: { source: edited } })
    await orchestrator.improve(ID, { ...PRESS, edited: null })
    expect(await job()).toEqual(asks('private'))
  })

  it('stays as it was edited while other questions are asked, the popup closed and the page read anew', async () => {
    consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, edited: 'Write to Ada.' })
    const again = await opened()
    await again.improve(ID, { ...PRESS, consented: true })
    expect(sent.map(({ content }) => content)).toEqual(['Write to Ada.'])
  })

  it('is sent as it is when that is the answer', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, AS_IS)
    expect(sent.map(({ content }) => content)).toEqual([PRIVATE])
  })

  it('is priced by what is sent, in parts that a killed worker goes on with', async () => {
    markdown = `${PRIVATE}\n\n${LONG}`
    const orchestrator = await opened()
    await orchestrator.improve(ID, HIDE)
    expect(await job()).toMatchObject({ question: { about: 'long-page', parts: 3 } })
    answerPart = () => new Promise(() => {})
    void orchestrator.improve(ID, YES)
    while (sent.length < 3) await Promise.resolve()
    answerPart = improved
    await worker().resume()
    expect(sent).toHaveLength(6)
    for (const { content } of sent) expect(content).not.toContain('teahouse')
    const end = await job()
    expect(end.state === 'improved' && end.markdown).toContain('Write to ada@teahouse.org')
  })

  it('is asked about once, though the popup is closed and the page says the time', async () => {
    markdown = `${PRIVATE}\n\n${LONG}\n\n12:01`
    const first = await opened()
    await first.improve(ID, HIDE)
    markdown = `${PRIVATE}\n\n${LONG}\n\n12:02`
    const second = await opened()
    await second.improve(ID, YES)
    expect(await job()).toMatchObject({ state: 'improved' })
    for (const { content } of sent) expect(content).not.toContain('teahouse')
  })

  it('is asked about again once it holds something new', async () => {
    const first = await opened()
    await first.improve(ID, AS_IS)
    markdown = `${PRIVATE} Or cy@teahouse.org.`
    await first.capture(1, ID, null)
    await first.improve(ID, PRESS)
    expect(await job()).toEqual(asks('private'))
    expect(sent).toHaveLength(1)
  })

  it('is asked about again before it goes to somebody else', async () => {
    answerPart = failedWith({ kind: 'no-credits' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, AS_IS)
    const via = { kind: 'own-key', provider: 'groq', label: 'Groq', model: 'm', host: 'api.groq.com' } as const
    destination = { via, origin: 'https://api.example.org', improver, problem: null }
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ question: { about: 'private', via } })
    expect(sent).toHaveLength(1)
  })

  it('is tried again in the same way, under the same key', async () => {
    answerPart = failedWith({ kind: 'no-answer', cause: 'timeout' })
    const orchestrator = await opened()
    await orchestrator.improve(ID, HIDE)
    await orchestrator.improve(ID, PRESS)
    expect(sent[1]).toEqual(sent[0])
    await orchestrator.improve(ID, AS_IS)
    expect(sent[2]?.content).toBe(PRIVATE)
    expect(sent[2]?.key).not.toBe(sent[0]?.key)
  })
})

describe('improving', () => {
  it('shows the offline text first, then the improved one with its check', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    const first = jobs.history.find(({ state }) => state === 'improving')
    expect(first).toMatchObject({ markdown, parts: ['waiting'] })
    const answer = `${markdown} (better)`
    expect(await job()).toMatchObject({
      state: 'improved',
      markdown: answer,
      problem: null,
      verification: { source: markdown, answer },
    })
  })

  it('saves every key before it is used', async () => {
    markdown = LONG
    const saved: boolean[] = []
    answerPart = async (part) => {
      const run = await jobs.getRun(ID)
      saved.push(
        run?.parts.some(({ idempotencyKey, state }) => idempotencyKey === part.key && state === 'sent') ?? false,
      )
      return improved(part)
    }
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    expect(saved).toEqual([true, true, true])
    expect(new Set(sent.map(({ key }) => key)).size).toBe(3)
  })

  it('sends three at a time and puts answers together in order', async () => {
    markdown = ['# 1', '# 2', '# 3', '# 4', '# 5'].map((title) => `${title}\n\n${'x'.repeat(7_000)}`).join('\n\n')
    let inFlight = 0
    let most = 0
    answerPart = async (part) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      // Later parts answer first.
      for (let turn = 0; turn < 50 - sent.length * 10; turn += 1) await Promise.resolve()
      inFlight -= 1
      return { kind: 'answered', text: part.content.slice(0, 3) }
    }
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    expect(most).toBe(3)
    expect(await job()).toMatchObject({ state: 'improved', markdown: '# 1\n\n# 2\n\n# 3\n\n# 4\n\n# 5' })
  })

  it('improves the first part alone when asked, and the rest later', async () => {
    markdown = LONG
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, which: 'first' })
    expect(sent).toHaveLength(1)
    expect(await job()).toMatchObject({ state: 'improved', parts: ['answered', 'offline', 'offline'], problem: null })
    await orchestrator.improve(ID, YES)
    expect(sent).toHaveLength(3)
    expect(await job()).toMatchObject({ parts: ['answered', 'answered', 'answered'] })
  })

  it('keeps the offline text of a part that fails', async () => {
    markdown = LONG
    answerPart = (part) =>
      part.content.startsWith('# Two') ? failedWith({ kind: 'no-answer', cause: 'timeout' })() : improved(part)
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    const end = await job()
    expect(end).toMatchObject({
      state: 'improved',
      parts: ['answered', 'offline', 'answered'],
      problem: { kind: 'no-answer', cause: 'timeout' },
    })
    expect(end.state === 'improved' && end.markdown).toContain(`# Two\n\n${'b'.repeat(7_000)}\n\n# Three`)
  })

  it('sends no more once it makes no sense', async () => {
    markdown = Array.from({ length: 9 }, (_, index) => `# ${index}\n\n${'x'.repeat(7_000)}`).join('\n\n')
    answerPart = failedWith({ kind: 'no-credits' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    expect(sent.length).toBeLessThanOrEqual(3)
    expect(await job()).toMatchObject({
      state: 'kept',
      problem: { kind: 'no-credits' },
      captured: { page: { markdown } },
    })
  })

  it('waits as long as it is asked to, says so, and goes on under the same key', async () => {
    let busy = 2
    answerPart = async (part) => (busy-- > 0 ? { kind: 'wait', ms: 3_000 } : improved(part))
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(waits).toEqual([3_000, 3_000])
    expect(jobs.history.some((seen) => seen.state === 'improving' && seen.waitingUntilMs === 1_003_000)).toBe(true)
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1)
    expect(await job()).toMatchObject({ state: 'improved' })
  })

  it('asks again as soon as another part of the page has ended', async () => {
    markdown = LONG
    let finish = () => {}
    answerPart = (part) => {
      if (part.content.startsWith('# One')) return new Promise((resolve) => (finish = () => resolve(improvedNow(part))))
      return sent.length > 3 ? improved(part) : Promise.resolve({ kind: 'wait', ms: 60_000 })
    }
    patient = true
    const orchestrator = await opened()
    const done = orchestrator.improve(ID, YES)
    while (waits.length < 2) await Promise.resolve()
    finish()
    await done
    expect(await job()).toMatchObject({ state: 'improved', parts: ['answered', 'answered', 'answered'] })
  })

  it('does not wait for ever, nor for tomorrow', async () => {
    answerPart = async () => ({ kind: 'wait', ms: 1_000 })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'no-answer', cause: 'busy' } })
    const before = sent.length
    answerPart = async () => ({ kind: 'wait', ms: 86_400_000 })
    await orchestrator.improve(ID, PRESS)
    expect(sent).toHaveLength(before + 1)
  })

  it('sends once for two presses', async () => {
    const orchestrator = await opened()
    await Promise.all([orchestrator.improve(ID, PRESS), orchestrator.improve(ID, PRESS)])
    expect(sent).toHaveLength(1)
  })

  it('keeps what was answered when cancelled', async () => {
    markdown = LONG
    const orchestrator = await opened()
    answerPart = (part, signal) =>
      part.content.startsWith('# One')
        ? improved(part)
        : new Promise((resolve) =>
            signal.addEventListener('abort', () =>
              resolve({ kind: 'failed', problem: { kind: 'cancelled' }, stopsAll: true, spendsKey: false }),
            ),
          )
    const done = orchestrator.improve(ID, YES)
    while (sent.length < 3) await Promise.resolve()
    await orchestrator.cancel(ID)
    await done
    expect(await job()).toMatchObject({
      state: 'improved',
      parts: ['answered', 'offline', 'offline'],
      problem: { kind: 'cancelled' },
    })
  })

  it('never sends a page that is one huge code block', async () => {
    markdown = `\`\`\`\n${'x'.repeat(20_000)}\n\`\`\``
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(sent).toEqual([])
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'too-large' } })
  })
})

describe('trying again', () => {
  it('uses the same key, so that a lost answer is not paid twice', async () => {
    answerPart = failedWith({ kind: 'no-answer', cause: 'timeout' })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    answerPart = improved
    await orchestrator.improve(ID, PRESS)
    expect(sent[1]?.key).toBe(sent[0]?.key)
    expect(await job()).toMatchObject({ state: 'improved' })
  })

  it('takes a new key when the old one is spent', async () => {
    answerPart = async () => ({
      kind: 'failed',
      problem: { kind: 'no-answer', cause: 'unusable' },
      stopsAll: false,
      spendsKey: true,
    })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    answerPart = improved
    await orchestrator.improve(ID, PRESS)
    expect(sent[1]?.key).not.toBe(sent[0]?.key)
  })

  it('sends only what has no answer yet, without asking again', async () => {
    markdown = LONG
    answerPart = (part) =>
      part.content.startsWith('# Two') ? failedWith({ kind: 'no-answer', cause: 'timeout' })() : improved(part)
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    answerPart = improved
    await orchestrator.improve(ID, PRESS)
    expect(sent.map(({ content }) => content.slice(0, 5))).toEqual(['# One', '# Two', '# Thr', '# Two'])
    expect(await job()).toMatchObject({ state: 'improved', problem: null })
  })

  it('starts over when the page has changed', async () => {
    answerPart = failedWith({ kind: 'no-answer', cause: 'timeout' })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    markdown = 'Another page altogether.'
    await orchestrator.capture(1, ID, null)
    await orchestrator.improve(ID, PRESS)
    expect(sent[1]?.key).not.toBe(sent[0]?.key)
  })
})

describe('a popup that is opened again', () => {
  it('finds the improved page, and hears that the page has changed since', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved', isPageChanged: false })
    markdown += ' More.'
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved', isPageChanged: true })
  })

  it('still says why AI gave nothing, over the page as it is now', async () => {
    answerPart = failedWith({ kind: 'no-credits' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    markdown = '# Coffee'
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({
      state: 'kept',
      problem: { kind: 'no-credits' },
      captured: { page: { markdown } },
    })
  })

  it('does not go on about what the user cancelled', async () => {
    answerPart = failedWith({ kind: 'cancelled' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'ready' })
  })

  it('keeps the improved page when the tab cannot be read any more', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    read = { kind: 'unreadable', reason: 'gone' }
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved', isPageChanged: false })
  })
})

describe('a worker that was killed', () => {
  /** Leaves a job with its first part answered, its second sent, its third waiting. */
  async function killed() {
    markdown = LONG
    let parts = 0
    answerPart = (part) => (++parts === 1 ? improved(part) : new Promise(() => {}))
    const orchestrator = await opened()
    void orchestrator.improve(ID, YES)
    while ((await jobs.getRun(ID))?.parts[0]?.answer == null) await Promise.resolve()
    while (sent.length < 3) await Promise.resolve()
    const before = [...sent]
    sent.length = 0
    answerPart = improved
    return before
  }

  it('goes on with the same keys and sends nothing twice that was answered', async () => {
    const before = await killed()
    await worker().resume()
    expect(sent).toEqual(before.slice(1))
    expect(await job()).toMatchObject({ state: 'improved', parts: ['answered', 'answered', 'answered'] })
  })

  it('goes on when the popup opens, even if nothing else has woken it', async () => {
    await killed()
    await worker().open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved' })
  })

  it('goes on once, whoever asks first', async () => {
    await killed()
    const orchestrator = worker()
    await Promise.all([orchestrator.resume(), orchestrator.open(1, ID)])
    expect(sent).toHaveLength(2)
  })

  it('says that it stopped when the text may not go where it went before', async () => {
    await killed()
    destination = { ...destination, via: { kind: 'own-key', provider: 'groq', label: 'Groq', model: 'm', host: 'h' } }
    await worker().resume()
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'stopped' }, captured: { page: { markdown } } })
    expect(sent).toEqual([])
  })

  it('says that it stopped when its keys are lost', async () => {
    await killed()
    jobs.runs.clear()
    await worker().resume()
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'stopped' } })
  })

  it('can be cancelled before it goes on', async () => {
    await killed()
    await worker().cancel(ID)
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'cancelled' } })
  })
})

it('forgets every page', async () => {
  const orchestrator = await opened()
  await orchestrator.improve(ID, PRESS)
  await orchestrator.forget()
  expect(jobs.jobs.size + jobs.runs.size).toBe(0)
})

it('says that it stopped when it cannot go on for a reason of its own', async () => {
  const orchestrator = await opened()
  answerPart = () => Promise.reject(new TypeError('a bug'))
  await expect(orchestrator.improve(ID, PRESS)).rejects.toThrow('a bug')
  expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'stopped' } })
})
