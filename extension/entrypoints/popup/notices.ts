/** Every question and every problem in words: what happened, what you still have, the next press. Pure. */
import type { PrivateCounts, PrivateKind } from '../../ai/private'
import type { Captured, Job, KeyProblem, Problem, Question, Unreadable, Via } from '../../job'
import type { Notice as OpeningNotice } from '../../messages'
import type { IconName } from './icons'
import { counted, listed, untilWords } from './words'

/** What a press in a notice does; job-view.tsx knows how. */
export type Move =
  | 'consent'
  | 'decline'
  | 'hide-private'
  | 'send-as-is'
  | 'improve-all'
  | 'improve-first'
  | 'keep-offline'
  | 'try-again'
  | 'your-key'
  | 'pick'
  | 'wider'
  | 'narrower'
  | 'whole-page'
  | 'read-again'
  | 'copy'

export interface NoticeWords {
  tone: 'calm' | 'warn'
  icon: IconName
  title: string
  body?: string
  moves: readonly { label: string; move: Move }[]
  /** A question waits for an answer; anything else can be passed over. */
  asks?: boolean
  /** None of the moves is the one most people want. */
  isOpen?: boolean
}

const BROWSER = import.meta.env.FIREFOX ? 'Firefox' : 'Chrome'
const READY = 'Your page is ready below'
const KEEP = { label: 'Keep offline', move: 'keep-offline' } as const
const AGAIN = { label: 'Try again', move: 'try-again' } as const

/** What the job needs to say, or null if the result speaks for itself. */
export function noticeOf(job: Job, now: Date): NoticeWords | null {
  switch (job.state) {
    case 'capturing':
    case 'improving':
      return null
    case 'ready':
      return isDoubtful(job.captured) ? DOUBTFUL : null
    case 'unreadable':
      return unreadable(job.reason)
    case 'empty':
      return {
        tone: 'calm',
        icon: 'info',
        title: 'There is little text here.',
        body: 'Pick the part you want.',
        moves: [
          { label: 'Pick element', move: 'pick' },
          { label: 'Whole page', move: 'whole-page' },
          { label: 'Copy as it is', move: 'copy' },
        ],
      }
    case 'asking':
      return question(job.question)
    case 'kept':
      return problem(job.problem, job.via, now)
    case 'improved':
      if (job.problem) return partly(job.problem, job.via, job.parts, now)
      if (job.isPageChanged) return PAGE_CHANGED
      return job.parts.includes('skipped') ? skipped(job.parts) : null
  }
}

/**
 * Below this, the choice of the main part is worth a second look: see docs/extraction.md for what a confidence means.
 */
const SURE = 0.75

/** Only our own choice can be in doubt, not a part that was asked for. */
function isDoubtful({ page }: Captured): boolean {
  return page.scope === 'auto' && page.confidence !== null && page.confidence < SURE
}

const DOUBTFUL: NoticeWords = {
  tone: 'calm',
  icon: 'info',
  title: 'Is this the part you want?',
  body: 'On this page it is hard to tell.',
  moves: [
    { label: 'Wider', move: 'wider' },
    { label: 'Narrower', move: 'narrower' },
    { label: 'Whole page', move: 'whole-page' },
    { label: 'Pick', move: 'pick' },
  ],
  isOpen: true,
}

const PAGE_CHANGED: NoticeWords = {
  tone: 'calm',
  icon: 'info',
  title: 'The page has changed since.',
  body: 'This is the text as it was improved.',
  moves: [{ label: 'Read it again', move: 'read-again' }],
}

function question(asked: Question): NoticeWords {
  switch (asked.about) {
    case 'consent':
      return {
        tone: 'calm',
        icon: 'info',
        title: 'Before the first page is sent',
        body: disclosure(asked.via),
        moves: [
          { label: 'Turn on AI', move: 'consent' },
          { label: 'Stay offline', move: 'decline' },
        ],
        asks: true,
      }
    case 'private':
      return {
        tone: 'calm',
        icon: 'info',
        title: `This page seems to hold ${privateWords(asked.found)}.`,
        body: 'Hiding happens on this device, before anything is sent; the answer gets them back.',
        moves: [
          { label: 'Hide them and send', move: 'hide-private' },
          { label: 'Send as is', move: 'send-as-is' },
          KEEP,
        ],
        asks: true,
      }
    case 'long-page':
      return longPage(asked)
  }
}

function disclosure(via: Via): string {
  const where =
    via.kind === 'free'
      ? "PromptReady's server, which passes it to a language model and keeps nothing"
      : `${via.label} (${via.host}) with your key, and to nobody else`
  return `AI Mode sends this page's text to ${where}. Offline Mode never sends anything.`
}

/** "2 e-mail addresses and a card number". */
function privateWords(found: PrivateCounts): string {
  const names: Record<PrivateKind, [one: string, many: string]> = {
    email: ['an e-mail address', 'e-mail addresses'],
    phone: ['a phone number', 'phone numbers'],
    card: ['a card number', 'card numbers'],
    key: ['a key or password', 'keys or passwords'],
  }
  const kinds = (Object.keys(names) as PrivateKind[]).filter((kind) => found[kind] > 0)
  return listed(kinds.map((kind) => (found[kind] === 1 ? names[kind][0] : counted(found[kind], '', names[kind][1]))))
}

function longPage({ via, parts, creditsLeft }: Question & { about: 'long-page' }): NoticeWords {
  const price = via.kind === 'free' ? counted(parts, 'credit') : `${counted(parts, 'call')} with your key`
  const isShort = via.kind === 'free' && creditsLeft !== null && creditsLeft < parts
  return {
    tone: 'calm',
    icon: 'info',
    title: `Long page: ${counted(parts, 'part')}, ${price}.`,
    body: isShort
      ? `You have ${creditsLeft} left, so the ${parts - creditsLeft === 1 ? 'last part' : `last ${parts - creditsLeft} parts`} would stay as below.`
      : 'Nothing has been sent yet.',
    moves: [
      { label: 'Improve all', move: 'improve-all' },
      { label: 'First part only', move: 'improve-first' },
      { label: 'Offline', move: 'keep-offline' },
    ],
    asks: true,
  }
}

function unreadable(reason: Unreadable): NoticeWords {
  const select = 'Select and copy the text there, then paste it into your prompt.'
  const words: Record<Unreadable, [title: string, body: string]> = {
    'browser-page': [`${BROWSER} doesn't let extensions read its own pages.`, select],
    store: [`${BROWSER} doesn't let extensions read its store.`, select],
    pdf: [`${BROWSER} doesn't let extensions read PDF files.`, select],
    file: [
      `${BROWSER} needs your permission to let extensions read files.`,
      'Turn on "Allow access to file URLs" in this extension\'s details, then reload the page.',
    ],
    'not-a-page': ['There is no text to read here.', 'Open the page that shows it, then try again.'],
    gone: ['The page changed while it was being read.', 'Nothing was copied.'],
    refused: [`${BROWSER} doesn't let extensions read this page.`, select],
  }
  const [title, body] = words[reason]
  const canTry = reason === 'gone' || reason === 'file' || reason === 'refused'
  return { tone: 'calm', icon: 'info', title, body, moves: canTry ? [AGAIN] : [] }
}

/** AI gave nothing at all. */
function problem(met: Problem, via: Via, now: Date): NoticeWords {
  const noCharge = via.kind === 'free' ? `${READY}, and no credit was used.` : `${READY}.`
  switch (met.kind) {
    case 'no-credits':
      return {
        tone: 'calm',
        icon: 'info',
        title: "You've used all free AI cleanups.",
        body: `${READY}. For more, use your own key: it stays on this device.`,
        moves: [{ label: 'Add my key', move: 'your-key' }, KEEP],
      }
    case 'at-capacity':
      return {
        tone: 'calm',
        icon: 'wait',
        title: `Free AI is full ${met.untilMs === null ? 'for now' : untilWords(new Date(met.untilMs), now)}.`,
        body: `${READY}, and no credit was used.`,
        moves: [{ label: 'Use my key', move: 'your-key' }, KEEP],
      }
    case 'no-answer':
      return { tone: 'warn', icon: 'warn', title: noAnswer(met.cause), body: noCharge, moves: [AGAIN, KEEP] }
    case 'too-large':
      return {
        tone: 'warn',
        icon: 'warn',
        title: 'This page is too long for AI in one piece.',
        body: `${noCharge} Or select the part you need and open this again.`,
        moves: [KEEP],
      }
    case 'stopped':
      return {
        tone: 'warn',
        icon: 'warn',
        title: 'The work was stopped before it was done.',
        body: `${READY}.`,
        moves: [AGAIN, KEEP],
      }
    case 'cancelled':
      return { tone: 'calm', icon: 'info', title: 'You stopped the AI.', body: `${READY}.`, moves: [AGAIN, KEEP] }
    case 'key':
      return keyNotice(met.cause, met.host)
  }
}

/** AI improved some parts and not others. What is there must not be lost, so nothing here throws it away. */
function partly(met: Problem, via: Via, parts: readonly string[], now: Date): NoticeWords {
  const { title, moves } = problem(met, via, now)
  return {
    tone: 'calm',
    icon: 'info',
    title: stayed(parts),
    body: title,
    moves: moves.filter(({ move }) => move !== 'keep-offline'),
  }
}

function skipped(parts: readonly string[]): NoticeWords {
  return {
    tone: 'calm',
    icon: 'info',
    title: stayed(parts),
    moves: [{ label: 'Improve the rest', move: 'improve-all' }],
  }
}

function stayed(parts: readonly string[]): string {
  const left = parts.filter((part) => part !== 'answered').length
  return `${counted(left, 'part')} of ${parts.length} stayed as on the page.`
}

function noAnswer(cause: (Problem & { kind: 'no-answer' })['cause']): string {
  switch (cause) {
    case 'no-network':
      return 'You seem to be offline.'
    case 'timeout':
      return "AI didn't answer in time."
    case 'busy':
      return 'AI is busy with your other pages.'
    case 'unavailable':
      return "AI didn't answer."
    case 'unusable':
      return "AI didn't give a usable answer."
  }
}

const KEY_MOVES: Partial<Record<KeyProblem, string>> = {
  missing: 'Add my key',
  'no-model': 'Choose another model',
  'not-allowed': 'Allow it',
}

function keyNotice(cause: KeyProblem, host: string): NoticeWords {
  const change = { label: KEY_MOVES[cause] ?? 'Change my key', move: 'your-key' } as const
  const isWorthRepeating =
    cause === 'too-fast' || cause === 'timeout' || cause === 'failed' || cause === 'unusable' || cause === 'unreachable'
  return {
    tone: 'warn',
    icon: 'warn',
    title: keyProblem(cause, host),
    body: `${READY}.`,
    moves: isWorthRepeating ? [AGAIN, { ...change, label: 'My key' }, KEEP] : [change, KEEP],
  }
}

/** What went wrong with the user's own key, as one sentence. Shared with the view where the key is tested. */
export function keyProblem(cause: KeyProblem, host: string): string {
  switch (cause) {
    case 'missing':
      return 'There is no key here yet.'
    case 'rejected':
      return `${host} didn't accept this key.`
    case 'no-quota':
      return `Your account at ${host} has nothing left to spend.`
    case 'no-model':
      return `${host} doesn't have this model.`
    case 'too-fast':
      return `${host} asks for a pause.`
    case 'not-allowed':
      return `${BROWSER} needs your permission to reach ${host}.`
    case 'unreachable':
      return `Nobody answers at ${host}.`
    case 'timeout':
      return `${host} took too long to answer.`
    case 'failed':
      return `${host} couldn't answer.`
    case 'unusable':
      return `${host} didn't give a usable answer.`
  }
}

/** What the shortcut or the menu could not do, told at the next opening. */
export function openingNotice({ kind, title }: OpeningNotice): NoticeWords {
  const [page, that] = title === '' ? ['The last page', 'the last page'] : [`“${title}”`, `“${title}”`]
  const words: Record<OpeningNotice['kind'], string> = {
    unreadable: `${page} couldn't be read, so nothing was copied.`,
    'not-copied': `${page} couldn't be put on the clipboard.`,
    'no-selection': `Nothing was selected on ${that}, so nothing was copied.`,
  }
  return { tone: 'calm', icon: 'info', title: words[kind], moves: [] }
}
