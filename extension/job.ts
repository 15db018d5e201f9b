/**
 * A page on its way into a prompt: what is known of it at every step. The background moves it on (orchestrator.ts) and
 * keeps it in `storage.session` (storage.ts); the popup shows it.
 */
import type { PrivateCounts } from './ai/private'
import type { Verification } from './ai/verify'
import type { CleanPage } from './cleaner'

/** The finished offline result. Every state after `capturing` has it, so it can always be copied. */
export interface Captured {
  /** The address as it was in the address bar. */
  url: string
  /** ISO 8601, UTC. */
  capturedAt: string
  /** Words in the user's selection when `page.scope` is 'selection', else 0. */
  selectionWords: number
  /** `page.markdown` has no citation: put it on with cleaner/citation when showing or copying. */
  page: CleanPage
  /** The text as the person edited it in the preview, which AI then starts from; null for the page's own. */
  edited: string | null
  /** What was answered about what looks private in it; null while nobody was asked. */
  privacy: PrivacyChoice | null
}

export interface PrivacyChoice {
  /** True: send placeholders in its place. False: send the page as it is. */
  hides: boolean
  /** Where to: the answer counts for no other place. */
  host: string
}

/** Who improves the text. `host` is what to tell the user: where the text goes. */
export type Via =
  | { kind: 'free'; host: string }
  | { kind: 'own-key'; provider: string; label: string; model: string; host: string }

/** Why a page can't be read. */
export type Unreadable =
  /** chrome://, about:, devtools, another extension's page. */
  | 'browser-page'
  /** The Chrome Web Store (or another browser's), closed to every extension. */
  | 'store'
  | 'pdf'
  /** A file:// page without "Allow access to file URLs". */
  | 'file'
  /** Not HTML: an image, a video, a download. */
  | 'not-a-page'
  /** The tab went away or to another page while being read. */
  | 'gone'
  /** The browser refused for a reason of its own (an enterprise policy, an error page). */
  | 'refused'

/** Why there is no AI result, or not a whole one. The offline result is there all the same. */
export type Problem =
  /** 402. Next: own key, or stay offline. */
  | { kind: 'no-credits' }
  /** 503 at capacity; `untilMs` is epoch milliseconds. Next: own key, or stay offline. */
  | { kind: 'at-capacity'; untilMs: number | null }
  /** No usable answer; no credit was used. Next: try again. */
  | { kind: 'no-answer'; cause: 'no-network' | 'timeout' | 'unavailable' | 'unusable' | 'busy' }
  /** One part is more than the server or the model takes. Next: stay offline, or a narrower part of the page. */
  | { kind: 'too-large' }
  /** The browser ended the worker or was restarted, and the job could not go on. Next: try again. */
  | { kind: 'stopped' }
  /** The user pressed Cancel. */
  | { kind: 'cancelled' }
  /** The user's own key. `host` is where it was sent. */
  | { kind: 'key'; cause: KeyProblem; host: string }

export type KeyProblem =
  | 'missing'
  /** 401, 403: the provider does not accept this key. */
  | 'rejected'
  /** 402, or a quota used up: the account there has no money or quota left. */
  | 'no-quota'
  /** 404: the model is not there (any more), or the address is wrong. */
  | 'no-model'
  /** 429. */
  | 'too-fast'
  /** The user has not allowed (or has taken back) this host. */
  | 'not-allowed'
  /** Nobody answers there: no network, a local model that is not running, a certificate. */
  | 'unreachable'
  | 'timeout'
  /** The provider answered something that is not an answer, or an error of its own. */
  | 'failed'
  /** Empty, cut off, refused, or from another model: the same checks as the backend's. */
  | 'unusable'

/** One part of a long page. 'skipped': only the first was asked for, and this one can be sent yet. 'offline': it stays as it is. */
export type PartState = 'waiting' | 'sent' | 'answered' | 'skipped' | 'offline'

/** What must be answered before anything leaves the device; `send({ do: 'improve', … })` again answers it. */
export type Question =
  /** First use of this destination. Answer with `consented: true`. */
  | { about: 'consent'; via: Via }
  /** The page seems to hold something private. Answer with `hides`. */
  | { about: 'private'; via: Via; found: PrivateCounts }
  /** More than one part. Answer with `which: 'all' | 'first'`. `creditsLeft` is null with an own key or when unknown. */
  | { about: 'long-page'; via: Via; parts: number; creditsLeft: number | null }

export type Job =
  /** The page is being read; nothing to show but its title. */
  | { state: 'capturing'; id: string }
  | { state: 'unreadable'; id: string; reason: Unreadable }
  /** The offline result is ready and too little to be the page: offer to pick an element, or the whole page. */
  | { state: 'empty'; id: string; captured: Captured }
  /** The offline result is ready. In Offline Mode that is the end. */
  | { state: 'ready'; id: string; captured: Captured }
  /** AI Mode was asked for, and needs a yes first. Nothing was sent. */
  | { state: 'asking'; id: string; captured: Captured; question: Question }
  /** Parts are being improved. `markdown` is the best text so far: improved parts in place, the others offline. */
  | {
      state: 'improving'
      id: string
      captured: Captured
      via: Via
      parts: PartState[]
      markdown: string
      /** Epoch milliseconds until which the server asked us to wait (429, 409); null while working. */
      waitingUntilMs: number | null
    }
  /** Improved, at least in one part; `problem` says why the others kept their offline text. */
  | {
      state: 'improved'
      id: string
      captured: Captured
      via: Via
      parts: PartState[]
      markdown: string
      verification: Verification
      problem: Problem | null
      /** The page reads differently now than when it was improved: offer to read it again. */
      isPageChanged: boolean
    }
  /** AI was tried and gave nothing: the offline result is what there is, and `problem` says why. */
  | { state: 'kept'; id: string; captured: Captured; via: Via; problem: Problem }
