/** What every destination of AI Mode can do: our server and the user's own key alike. */
import type { Problem } from '../job'

export interface Improver {
  /**
   * Improve one part. Never raises. The same `idempotencyKey` for the same `content` is charged at most once, however
   * often it is sent.
   */
  improve(content: string, idempotencyKey: string, signal: AbortSignal): Promise<Outcome>
}

export type Outcome =
  | { kind: 'answered'; text: string }
  /** Ask again after `ms`, with the same key. */
  | { kind: 'wait'; ms: number }
  | {
      kind: 'failed'
      problem: Problem
      /** True when the other parts would fail the same way: they are not sent. */
      stopsAll: boolean
      /** True when asking again needs a new key: this one was answered, and the answer is lost. */
      spendsKey: boolean
    }

export function failed(problem: Problem, { stopsAll = false, spendsKey = false } = {}): Outcome {
  return { kind: 'failed', problem, stopsAll, spendsKey }
}
