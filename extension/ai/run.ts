/**
 * The parts of one page on their way through an improver: up to three at a time, each with its own idempotency key,
 * everything saved before it happens, so that a worker that was killed goes on where it was.
 */
import type { PartState, Problem, Via } from '../job'
import type { Improver, Outcome } from './improver'
import { joinParts, type Part, splitIntoParts } from './parts'
import { type Hidden, reveal } from './private'

/** As many as the server lets one user hold at a time (MAX_LIVE_HOLDS in design, section 9). */
const MAX_IN_FLIGHT = 3
/** Twice as long as the server keeps a request of a client that vanished (HOLD_LEASE_S). */
const MAX_WAITED_MS = 120_000
/** The bound for a server that always says "at once". */
const MAX_WAITS = 120

export interface RunPart extends Part {
  idempotencyKey: string
  state: PartState
  answer: string | null
  /** False where the user wanted only the first part improved. */
  isChosen: boolean
}

/** JSON, kept in `storage.session` until the page's job is replaced. */
export interface Run {
  via: Via
  parts: RunPart[]
  /** What the parts have placeholders for, which never leaves the device. */
  hidden: Hidden['originals']
}

export interface RunDeps {
  improver: Improver
  /** Called before every step; when it resolves the run is stored. */
  save(run: Run, waitingUntilMs: number | null): Promise<void>
  newKey(): string
  nowMs(): number
  /** Resolves after `ms` or as soon as the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** A run that sends `text`; what comes back gets `originals` put in again. */
export function newRun({ text, originals }: Hidden, via: Via, which: 'all' | 'first', newKey: () => string): Run {
  let chosen = 0
  const parts = splitIntoParts(text).map((part): RunPart => {
    const isChosen = part.isSendable && (which === 'all' || chosen === 0)
    if (isChosen) chosen += 1
    const state = isChosen ? 'waiting' : part.isSendable ? 'skipped' : 'offline'
    return { ...part, idempotencyKey: newKey(), state, answer: null, isChosen }
  })
  return { via, parts, hidden: originals }
}

/** How many parts would be sent: the price in credits. */
export function sendableParts(markdown: string): number {
  return splitIntoParts(markdown).filter((part) => part.isSendable).length
}

/** The same run with what has no answer yet to be sent again, under the same keys; with 'all', also what was left out. */
export function again(run: Run, which: 'all' | 'first' | null): Run {
  const parts = run.parts.map((part): RunPart => {
    const isChosen = part.isChosen || (which === 'all' && part.isSendable)
    return { ...part, isChosen, state: isChosen && part.answer === null ? 'waiting' : part.state }
  })
  return { ...run, parts }
}

/** The best text so far: answers where there are some, the offline text elsewhere, with what was hidden put back. */
export function textOf(run: Run): string {
  const answers = run.parts.map((part) => part.answer)
  return reveal(joinParts(run.parts, answers), run.hidden)
}

/** Whether `run` sends this very text. */
export const isTextOf = (run: Run, { text }: Hidden): boolean => joinParts(run.parts) === text

/** Send what is waiting. Changes `run`, and answers why some parts kept their offline text, if any did. */
export async function perform(run: Run, deps: RunDeps, signal: AbortSignal): Promise<Problem | null> {
  const queue = run.parts.filter((part) => part.state === 'waiting')
  const waits = new Map<RunPart, number>()
  let problem: Problem | null = null
  let isStopped = false
  /** Aborts when a part of ours has ended: what the others wait for may be free now, or used up. */
  let freed = new AbortController()

  const save = () => {
    // "One moment" is true only when nothing else is going on.
    const isIdle = run.parts.every((part) => part.state !== 'sent' || waits.has(part))
    return deps.save(run, isIdle && waits.size > 0 ? Math.min(...waits.values()) : null)
  }

  async function sendPart(part: RunPart): Promise<Outcome> {
    let waitedMs = 0
    for (let asked = 0; asked < MAX_WAITS; asked += 1) {
      const { signal: isFreed } = freed
      const outcome = await deps.improver.improve(part.text, part.idempotencyKey, signal)
      if (outcome.kind !== 'wait' || signal.aborted) return outcome
      waitedMs += outcome.ms
      // Whoever says hours does not mean "one moment".
      if (waitedMs > MAX_WAITED_MS) return outcome
      waits.set(part, deps.nowMs() + outcome.ms)
      await save()
      await deps.wait(outcome.ms, AbortSignal.any([signal, isFreed]))
      waits.delete(part)
    }
    return { kind: 'wait', ms: 0 }
  }

  function settle(part: RunPart, outcome: Outcome): void {
    freed.abort()
    freed = new AbortController()
    if (outcome.kind === 'answered') {
      part.state = 'answered'
      part.answer = outcome.text.trimEnd()
      return
    }
    part.state = 'offline'
    if (outcome.kind === 'wait') {
      problem ??= signal.aborted ? { kind: 'cancelled' } : { kind: 'no-answer', cause: 'busy' }
      return
    }
    if (outcome.spendsKey) part.idempotencyKey = deps.newKey()
    // What stops everything explains more than what one part met.
    problem = outcome.stopsAll && !isStopped ? outcome.problem : (problem ?? outcome.problem)
    isStopped ||= outcome.stopsAll
  }

  async function worker(): Promise<void> {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      if (isStopped || signal.aborted) {
        part.state = 'offline'
        continue
      }
      part.state = 'sent'
      await save()
      settle(part, await sendPart(part))
      await save()
    }
  }

  await Promise.all(Array.from({ length: Math.min(MAX_IN_FLIGHT, queue.length) }, worker))
  return signal.aborted ? { kind: 'cancelled' } : problem
}
