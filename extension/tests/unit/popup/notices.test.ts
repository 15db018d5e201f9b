import { describe, expect, it } from 'vitest'
import { noticeOf, openingNotice } from '../../../entrypoints/popup/notices'
import type { Job, KeyProblem, Problem, Unreadable } from '../../../job'
import { asking, captured, free, improved, improving, kept, own, ready, unreadable } from '../../gallery/scenes'

const now = new Date('2026-11-18T10:00:00Z')
const notice = (job: Job) => noticeOf(job, now)
const words = (job: Job) => `${notice(job)?.title} ${notice(job)?.body ?? ''}`
const labels = (job: Job) => notice(job)?.moves.map(({ label }) => label)

const PROBLEMS: Problem[] = [
  { kind: 'no-credits' },
  { kind: 'at-capacity', untilMs: null },
  { kind: 'no-answer', cause: 'no-network' },
  { kind: 'no-answer', cause: 'timeout' },
  { kind: 'no-answer', cause: 'unavailable' },
  { kind: 'no-answer', cause: 'unusable' },
  { kind: 'no-answer', cause: 'busy' },
  { kind: 'too-large' },
  { kind: 'stopped' },
  { kind: 'cancelled' },
]
const KEY_PROBLEMS: KeyProblem[] = [
  'missing',
  'rejected',
  'no-quota',
  'no-model',
  'too-fast',
  'not-allowed',
  'unreachable',
  'timeout',
  'failed',
  'unusable',
]
const UNREADABLE: Unreadable[] = ['browser-page', 'store', 'pdf', 'file', 'not-a-page', 'gone', 'refused']

describe('a job that needs nothing', () => {
  it('says nothing while the page is read, ready, or being improved', () => {
    for (const job of [{ state: 'capturing', id: 'x' } as const, ready(), improving(), improved()]) {
      expect(notice(job)).toBeNull()
    }
  })
})

describe('a question before anything is sent', () => {
  it('tells what leaves the device, to whom, and that Offline Mode never sends anything', () => {
    expect(words(asking({ about: 'consent', via: free }))).toContain(
      "AI Mode sends this page's text to PromptReady's server, which passes it to a language model and keeps nothing. Offline Mode never sends anything.",
    )
    expect(words(asking({ about: 'consent', via: own }))).toContain('Groq (api.groq.com) with your key')
    expect(labels(asking({ about: 'consent', via: free }))).toEqual(['Turn on AI', 'Stay offline'])
  })

  it('names what looks private, each kind once, with hiding first', () => {
    const found = { email: 2, phone: 0, card: 1, key: 0 }
    expect(notice(asking({ about: 'private', via: free, found }))?.title).toBe(
      'This page seems to hold 2 e-mail addresses and a card number.',
    )
    expect(labels(asking({ about: 'private', via: free, found }))).toEqual([
      'Hide them and send',
      'Send as is',
      'Keep offline',
    ])
    const all = { email: 1, phone: 1, card: 2, key: 3 }
    expect(notice(asking({ about: 'private', via: own, found: all }))?.title).toBe(
      'This page seems to hold an e-mail address, a phone number, 2 card numbers and 3 keys or passwords.',
    )
  })

  it('names the price of a long page in credits, or in calls with an own key', () => {
    const long = { about: 'long-page', parts: 3, creditsLeft: 149 } as const
    expect(notice(asking({ ...long, via: free }))?.title).toBe('Long page: 3 parts, 3 credits.')
    expect(notice(asking({ ...long, creditsLeft: null, via: own }))?.title).toBe(
      'Long page: 3 parts, 3 calls with your key.',
    )
    expect(labels(asking({ ...long, via: free }))).toEqual(['Improve all', 'First part only', 'Offline'])
  })

  it('says what fewer credits than parts would leave as it is', () => {
    const long = (creditsLeft: number) => words(asking({ about: 'long-page', via: free, parts: 3, creditsLeft }))
    expect(long(2)).toContain('You have 2 left, so the last part would stay as below.')
    expect(long(1)).toContain('You have 1 left, so the last 2 parts would stay as below.')
    expect(long(3)).not.toContain('left')
  })

  it('takes the focus, so that it is read out before anything is agreed to', () => {
    expect(notice(asking({ about: 'consent', via: free }))?.asks).toBe(true)
    expect(notice(kept({ kind: 'no-credits' }))?.asks).toBeFalsy()
  })
})

describe('a problem', () => {
  it.each(PROBLEMS)('says what is still there and offers a next press: %o', (problem) => {
    expect(words(kept(problem))).toContain('Your page is ready below')
    expect(labels(kept(problem))).toContain('Keep offline')
  })

  it('leads to an own key when the credits are used up or the week is full', () => {
    expect(labels(kept({ kind: 'no-credits' }))).toEqual(['Add my key', 'Keep offline'])
    expect(labels(kept({ kind: 'at-capacity', untilMs: null }))).toEqual(['Use my key', 'Keep offline'])
  })

  it('says until when free AI is full, if that is known', () => {
    const full = (untilMs: number | null) => notice(kept({ kind: 'at-capacity', untilMs }))?.title
    expect(full(Date.UTC(2026, 10, 23, 12))).toBe('Free AI is full until Monday.')
    expect(full(null)).toBe('Free AI is full for now.')
  })

  it('promises that no credit was used only where a credit was at stake', () => {
    const timeout = { kind: 'no-answer', cause: 'timeout' } as const
    expect(words(kept(timeout))).toContain('no credit was used')
    expect(words(kept(timeout, own))).not.toContain('credit')
  })

  it.each(KEY_PROBLEMS)('of the own key names the host, never a code, and leads to the key: %s', (cause) => {
    const job = kept({ kind: 'key', cause, host: 'api.groq.com' }, own)
    expect(notice(job)?.moves.map(({ move }) => move)).toContain('your-key')
    expect(words(job)).not.toMatch(/\d{3}|error|exception|invalid/i)
    if (cause !== 'missing') expect(words(job)).toContain('api.groq.com')
  })

  it('of some parts never offers to throw the improved ones away', () => {
    for (const problem of PROBLEMS) {
      const job = improved({ parts: ['answered', 'offline', 'offline'], problem })
      expect(notice(job)?.title).toBe('2 parts of 3 stayed as on the page.')
      expect(notice(job)?.moves.map(({ move }) => move)).not.toContain('keep-offline')
    }
  })
})

describe('a page that changed after it was improved', () => {
  it('offers to read it again and keeps the text', () => {
    expect(labels(improved({ isPageChanged: true }))).toEqual(['Read it again'])
  })
})

describe('a long page of which the first part was asked for', () => {
  it('says that the others stayed, and offers them', () => {
    const firstOnly = improved({ parts: ['answered', 'skipped', 'offline'] })
    expect(notice(firstOnly)?.title).toBe('2 parts of 3 stayed as on the page.')
    expect(labels(firstOnly)).toEqual(['Improve the rest'])
  })

  it('says nothing of parts that are never sent', () => {
    expect(notice(improved({ parts: ['answered', 'offline'] }))).toBeNull()
  })
})

describe('a page with little text', () => {
  it('offers to pick a part, the whole page, or what there is', () => {
    expect(labels({ state: 'empty', id: 'x', captured })).toEqual(['Pick element', 'Whole page', 'Copy as it is'])
  })
})

describe('a choice that is in doubt', () => {
  it('offers other parts of the page', () => {
    expect(labels(ready({ confidence: 0.5 }))).toEqual(['Wider', 'Narrower', 'Whole page', 'Pick'])
  })

  it.each([
    ['of a part that was asked for', ready({ confidence: 0.5, scope: 'wider' })],
    ['where nothing was chosen', ready({ confidence: null, scope: 'selection' })],
    ['that is good', ready({ confidence: 0.9 })],
  ])('is not spoken of for a choice %s', (_, job) => {
    expect(notice(job)).toBeNull()
  })
})

describe('a page that cannot be read', () => {
  it.each(UNREADABLE)('says why, kindly, with something to do: %s', (reason) => {
    const job = unreadable(reason)
    expect(words(job)).toMatch(/paste it into your prompt|try again|reload|Nothing was copied/)
    expect(words(job)).not.toMatch(/error|fail|cannot access/i)
  })
})

describe('a shortcut that could not copy', () => {
  it('is explained at the next opening, with the page it happened on', () => {
    expect(openingNotice({ kind: 'unreadable', title: 'Tea', atMs: 0 }).title).toContain('“Tea”')
    expect(openingNotice({ kind: 'unreadable', title: '', atMs: 0 }).title).toContain('The last page')
    expect(openingNotice({ kind: 'no-selection', title: 'Tea', atMs: 0 }).title).toContain('Nothing was selected')
  })
})
