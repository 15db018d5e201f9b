/**
 * A page on its way into a prompt: what comes next.
 *
 * One `Job` per page address, kept in `storage.session` (see storage.ts), written by the background alone. The popup
 * shows whatever is stored and sends messages (see messages.ts): it can be closed and reopened at any moment.
 */

import type { Improver } from './ai/improver'
import { type Hidden, hide, holdsNothingNew, privateCounts } from './ai/private'
import { again, isTextOf, newRun, perform, type Run, sendableParts, textOf } from './ai/run'
import type { Verification } from './ai/verify'
import type { CleanOptions, CleanPage } from './cleaner'
import type { Captured, Job, PrivacyChoice, Problem, Question, Unreadable, Via } from './job'
import type { Settings } from './storage'

/** What reading a tab gives. */
export type Read =
  | { kind: 'page'; url: string; selectionWords: number; page: CleanPage }
  | { kind: 'unreadable'; reason: Unreadable }

/** Where the text would go, or why it can't. */
export type Destination =
  | { via: Via; origin: string; improver: Improver; problem: null }
  | { via: Via; problem: Problem }

export interface Jobs {
  get(id: string): Promise<Job | null>
  put(job: Job): Promise<void>
  getRun(id: string): Promise<Run | null>
  putRun(id: string, run: Run): Promise<void>
  /** Ids of all jobs. */
  ids(): Promise<string[]>
  remove(id: string): Promise<void>
}

export interface Deps {
  read(tabId: number, options: CleanOptions): Promise<Read>
  destination(settings: Settings): Promise<Destination>
  verify(source: string, answer: string): Verification
  jobs: Jobs
  settings(): Promise<Settings>
  hasConsent(origin: string): Promise<boolean>
  giveConsent(origin: string): Promise<void>
  creditsLeft(): Promise<number | null>
  nowMs(): number
  newKey(): string
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Keep the worker from being ended while `work` is going on. */
  keepAwake<T>(work: Promise<T>): Promise<T>
}

/** To the questions; false and null where nothing was answered. */
export interface Answers {
  /** As in `Captured`; undefined for no change. */
  edited?: string | null | undefined
  consented: boolean
  hides: boolean | null
  which: 'all' | 'first' | null
}

export interface Orchestrator {
  /** The popup opened on a page: what is running or improved stays, anything else is read anew. */
  open(tabId: number, id: string): Promise<void>
  /** Read the page anew, whatever there was. */
  capture(tabId: number, id: string, scope: CleanOptions['scope'] | null): Promise<void>
  /** Resolves when the job stands still: at a question, at its end. */
  improve(id: string, answers: Answers): Promise<void>
  cancel(id: string): Promise<void>
  keepOffline(id: string): Promise<void>
  /** The person has switched to Offline Mode: nothing more is sent, of any page, and no question stays open. */
  goOffline(): Promise<void>
  /** Go on with what a killed worker left. */
  resume(): Promise<void>
  /** Stop everything and forget every page. */
  forget(): Promise<void>
}

/** Fewer words than this, with no code and no table, are hardly what anyone wanted to copy. */
const LITTLE_TEXT_WORDS = 20
/** Finished pages kept for a second look. The running ones are always kept. */
const MAX_KEPT_JOBS = 5

export function createOrchestrator(deps: Deps): Orchestrator {
  const { jobs } = deps
  /** What this worker is doing. A worker that was killed had its own; `resume` starts from storage. */
  const running = new Map<string, { controller: AbortController; done: Promise<void> }>()

  async function open(tabId: number, id: string): Promise<void> {
    const job = await jobs.get(id)
    if (job?.state === 'improving') return resumeOne(id)
    if (job?.state !== 'improved') return reread(tabId, id, job)
    const read = await deps.read(tabId, await cleanOptions(job.captured.page.scope))
    const isPageChanged = read.kind === 'page' && read.page.markdown !== job.captured.page.markdown
    await jobs.put({ ...job, isPageChanged })
  }

  /** Why AI gave nothing is still worth knowing when the popup was closed in the meantime. */
  async function reread(tabId: number, id: string, before: Job | null): Promise<void> {
    await capture(tabId, id, null)
    const now = await jobs.get(id)
    if (before?.state !== 'kept' || before.problem.kind === 'cancelled' || now?.state !== 'ready') return
    await jobs.put({ ...before, captured: now.captured })
  }

  async function capture(tabId: number, id: string, scope: CleanOptions['scope'] | null): Promise<void> {
    await cancel(id)
    await makeRoom(id)
    const before = await jobs.get(id)
    await jobs.put({ state: 'capturing', id })
    const read = await deps.read(tabId, await cleanOptions(scope))
    if (read.kind === 'unreadable') return jobs.put({ state: 'unreadable', id, reason: read.reason })
    const { url, selectionWords, page } = read
    const capturedAt = new Date(deps.nowMs()).toISOString()
    const captured = { url, capturedAt, selectionWords, page, ...lasting(before, page) }
    await jobs.put({ state: isLittle(page) ? 'empty' : 'ready', id, captured })
  }

  async function improve(id: string, { edited, consented, hides, which }: Answers): Promise<void> {
    const job = await jobs.get(id)
    if (job === null || !('captured' in job) || running.has(id) || (await isOffline())) return
    const destination = await deps.destination(await deps.settings())
    const { via } = destination
    const before = job.captured
    const text = edited === undefined ? before.edited : edited
    const captured = { ...before, edited: text, privacy: choiceFor(via, hides, before.privacy) }
    if (destination.problem) return jobs.put({ state: 'kept', id, captured, via, problem: destination.problem })

    const ask = (question: Question) => jobs.put({ state: 'asking', id, captured, question })
    if (consented) await deps.giveConsent(destination.origin)
    if (!(await deps.hasConsent(destination.origin))) return ask({ about: 'consent', via })
    const found = captured.privacy === null ? privateCounts(sourceOf(captured)) : null
    if (found !== null) return ask({ about: 'private', via, found })

    const outgoing = outgoingOf(captured)
    const last = await jobs.getRun(id)
    const canGoOn = last !== null && isTextOf(last, outgoing) && sameVia(last.via, via)
    const parts = sendableParts(outgoing.text)
    if (!canGoOn && which === null && parts > 1) {
      const creditsLeft = via.kind === 'free' ? await deps.creditsLeft() : null
      return ask({ about: 'long-page', via, parts, creditsLeft })
    }
    const plan = canGoOn ? again(last, which) : newRun(outgoing, via, which ?? 'all', deps.newKey)
    return run(id, captured, plan, destination.improver)
  }

  /** The one place where a job improves. */
  function run(id: string, captured: Captured, plan: Run, improver: Improver): Promise<void> {
    // Two presses, or a press and a resumption, must not send the same text under two keys.
    const current = running.get(id)
    if (current) return current.done
    const controller = new AbortController()
    const { via } = plan
    const save = async (now: Run, waitingUntilMs: number | null) => {
      await jobs.putRun(id, now)
      const parts = now.parts.map((part) => part.state)
      await jobs.put({ state: 'improving', id, captured, via, parts, markdown: textOf(now), waitingUntilMs })
    }
    const work = async () => {
      await save(plan, null)
      // Switched while this began: whoever stops what runs may not have seen it yet.
      if (await isOffline()) controller.abort()
      const problem = await perform(plan, { ...deps, improver, save }, controller.signal)
      await jobs.putRun(id, plan)
      await jobs.put(ended(id, captured, plan, problem))
    }
    const fail = async (error: unknown) => {
      await jobs.put({ state: 'kept', id, captured, via, problem: { kind: 'stopped' } })
      throw error
    }
    const done = deps.keepAwake(work().catch(fail)).finally(() => running.delete(id))
    running.set(id, { controller, done })
    return done
  }

  function ended(id: string, captured: Captured, done: Run, problem: Problem | null): Job {
    const { via, parts } = done
    if (!parts.some((part) => part.answer !== null)) {
      return { state: 'kept', id, captured, via, problem: problem ?? { kind: 'too-large' } }
    }
    const markdown = textOf(done)
    const verification = deps.verify(sourceOf(captured), markdown)
    const states = parts.map((part) => part.state)
    return {
      state: 'improved',
      id,
      captured,
      via,
      parts: states,
      markdown,
      verification,
      problem,
      isPageChanged: false,
    }
  }

  async function cancel(id: string): Promise<void> {
    const current = running.get(id)
    current?.controller.abort()
    // Whoever started it hears of its failure; here it only matters that it is over.
    await current?.done.catch(() => {})
    const job = await jobs.get(id)
    // Left behind by a worker that was killed, and not taken up again.
    if (job?.state === 'improving') await jobs.put({ ...kept(job), problem: { kind: 'cancelled' } })
  }

  async function keepOffline(id: string): Promise<void> {
    await cancel(id)
    const job = await jobs.get(id)
    if (job !== null && 'captured' in job) await jobs.put({ state: 'ready', id, captured: job.captured })
  }

  async function goOffline(): Promise<void> {
    const stop = async (id: string) => ((await jobs.get(id))?.state === 'asking' ? keepOffline(id) : cancel(id))
    await Promise.all((await jobs.ids()).map(stop))
  }

  async function isOffline(): Promise<boolean> {
    return (await deps.settings()).mode === 'offline'
  }

  async function resume(): Promise<void> {
    await Promise.all((await jobs.ids()).map(resumeOne))
  }

  async function resumeOne(id: string): Promise<void> {
    const job = await jobs.get(id)
    if (job?.state !== 'improving') return
    if (await isOffline()) return cancel(id)
    const { captured, via } = job
    const left = await jobs.getRun(id)
    const destination = await deps.destination(await deps.settings())
    if (left === null || destination.problem || !sameVia(destination.via, via)) {
      return jobs.put({ ...kept(job), problem: { kind: 'stopped' } })
    }
    return run(id, captured, again(left, null), destination.improver)
  }

  async function forget(): Promise<void> {
    await Promise.all([...running.keys()].map(cancel))
    for (const id of await jobs.ids()) await jobs.remove(id)
  }

  /** Forget the oldest finished pages but the one about to be used. */
  async function makeRoom(id: string): Promise<void> {
    const finished: { id: string; at: string }[] = []
    for (const other of await jobs.ids()) {
      const job = await jobs.get(other)
      if (other === id || job === null || job.state === 'improving') continue
      finished.push({ id: other, at: 'captured' in job ? job.captured.capturedAt : '' })
    }
    finished.sort((a, b) => b.at.localeCompare(a.at))
    for (const old of finished.slice(MAX_KEPT_JOBS - 1)) await jobs.remove(old.id)
  }

  async function cleanOptions(scope: CleanOptions['scope'] | null): Promise<CleanOptions> {
    const { links, images } = await deps.settings()
    return scope ? { scope, links, images } : { links, images }
  }

  return { open, capture, improve, cancel, keepOffline, goOffline, resume, forget }
}

function kept({ id, captured, via }: Extract<Job, { state: 'improving' }>) {
  return { state: 'kept' as const, id, captured, via }
}

function choiceFor({ host }: Via, hides: boolean | null, before: PrivacyChoice | null): PrivacyChoice | null {
  if (hides !== null) return { hides, host }
  return before?.host === host ? before : null
}

/** What is still true of a page that was read anew. */
function lasting(before: Job | null, page: CleanPage): Pick<Captured, 'edited' | 'privacy'> {
  if (before === null || !('captured' in before)) return { edited: null, privacy: null }
  const { edited, privacy, page: then } = before.captured
  // Nobody is asked twice about the same page, unless it holds something private that it did not hold then.
  const isAnswered = privacy !== null && holdsNothingNew(page.markdown, then.markdown)
  return { edited: then.markdown === page.markdown ? edited : null, privacy: isAnswered ? privacy : null }
}

/** What AI starts from: what the preview shows. */
function sourceOf({ edited, page }: Captured): string {
  return edited ?? page.markdown
}

/** What leaves the device. */
function outgoingOf(captured: Captured): Hidden {
  const text = sourceOf(captured)
  return captured.privacy?.hides ? hide(text) : { text, originals: {} }
}

/** What a person has pointed at is what they want, however short. */
function isLittle({ counts, scope }: CleanPage): boolean {
  if (counts.words > 0 && (scope === 'selection' || scope === 'element')) return false
  return counts.words < LITTLE_TEXT_WORDS && counts.codeBlocks === 0 && counts.tables === 0
}

/** Going on means the same text to the same place. */
function sameVia(a: Via, b: Via): boolean {
  if (a.kind !== 'own-key' || b.kind !== 'own-key') return a.kind === b.kind
  return a.host === b.host && a.model === b.model
}
