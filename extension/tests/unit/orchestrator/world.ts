/** The orchestrator with everything around it made up: what it reads, where it sends, what it stores, and the clock. */
import type { Improver, Outcome } from '../../../ai/improver'
import type { Run } from '../../../ai/run'
import type { Verification } from '../../../ai/verify'
import type { CleanOptions } from '../../../cleaner'
import type { Job } from '../../../job'
import {
  createOrchestrator,
  type Deps,
  type Destination,
  type Jobs,
  type Orchestrator,
  type Read,
} from '../../../orchestrator'
import { DEFAULT_SETTINGS, type Settings } from '../../../storage'
import { pageOf } from '../page'

export const ID = 'https://example.org/tea'
export const FREE = { kind: 'free', host: 'api.example.org' } as const
export const LONG = ['# One', 'a'.repeat(7_000), '# Two', 'b'.repeat(7_000), '# Three', 'c'.repeat(7_000)].join('\n\n')

/** A press on the button, and one that has answered what a long page costs. */
export const PRESS = { consented: false, hides: null, which: null } as const
export const YES = { ...PRESS, which: 'all' } as const

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

export const improver: Improver = {
  improve: (content, key, signal) => {
    world.sent.push({ content, key })
    return world.answerPart({ content, key }, signal)
  },
}
export const improvedNow = ({ content }: Sent): Outcome => ({ kind: 'answered', text: `${content} (better)` })
export const improved = async (part: Sent): Promise<Outcome> => improvedNow(part)
export const failedWith =
  (problem: Extract<Outcome, { kind: 'failed' }>['problem'], stopsAll = false) =>
  async () =>
    ({ kind: 'failed', problem, stopsAll, spendsKey: false }) as const

const fresh = () => ({
  jobs: new MemoryJobs(),
  sent: [] as Sent[],
  markdown: '# Tea\n\nHot water on leaves.',
  /** Null reads a page that says `markdown`. */
  read: null as Read | null,
  asked: [] as CleanOptions[],
  consents: new Set(['https://api.example.org']),
  destination: { via: FREE, origin: 'https://api.example.org', improver, problem: null } as Destination,
  answerPart: improved as (sent: Sent, signal: AbortSignal) => Promise<Outcome>,
  mode: 'ai' as Settings['mode'],
  nowMs: 1_000_000,
  waits: [] as number[],
  /** Whether waiting takes until it is interrupted, instead of no time at all. */
  patient: false,
})

/** What a test may change and look at. */
export const world = fresh()

/** Before each test. */
export function reset(): void {
  Object.assign(world, fresh())
}

/** A worker's life: everything but storage is new. */
export function worker(): Orchestrator {
  let keys = 0
  const life = Math.random().toString(36).slice(2)
  const deps: Deps = {
    read: async (_, options) => {
      world.asked.push(options)
      return world.read ?? { kind: 'page', url: ID, selectionWords: 0, page: pageOf(world.markdown) }
    },
    destination: async () => world.destination,
    verify: (source, answer) => ({ source, answer }) as unknown as Verification,
    jobs: world.jobs,
    settings: async () => ({ ...DEFAULT_SETTINGS, mode: world.mode, links: 'text' }),
    hasConsent: async (origin) => world.consents.has(origin),
    giveConsent: async (origin) => {
      world.consents.add(origin)
    },
    creditsLeft: async () => 5,
    nowMs: () => world.nowMs,
    newKey: () => `${life}-${++keys}`,
    wait: async (ms, signal) => {
      world.waits.push(ms)
      if (world.patient) return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
      world.nowMs += ms
    },
    keepAwake: (work) => work,
  }
  return createOrchestrator(deps)
}

/** A worker whose user has opened the popup. */
export async function opened(): Promise<Orchestrator> {
  const orchestrator = worker()
  await orchestrator.open(1, ID)
  return orchestrator
}

export const job = async (): Promise<Job> => (await world.jobs.get(ID)) as Job
export const states = (): string[] => world.jobs.history.map(({ state }) => state)
