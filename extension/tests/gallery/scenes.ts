/** Every state a person can meet, as the background would have stored it. Used by tests and pictures, never shipped. */

import { type Verification, verify } from '../../ai/verify'
import type { CleanPage } from '../../cleaner'
import type { Captured, Job, Problem, Question, Unreadable, Via } from '../../job'
import type { SavedKey } from '../../messages'
import type { Settings } from '../../storage'
import type { Scene } from './fake-chrome'

/** A Wednesday. */
export const SCENE_TIME = new Date('2026-11-18T10:00:00Z')
export const JOB_ID = 'job-1'
export const JOB_KEY = `job:${JOB_ID}`
const TITLE = 'How tea is made'
const URL = 'https://www.example.org/drinks/tea'

const MARKDOWN = `Tea is made from the leaves of *Camellia sinensis*. All kinds come from the same plant; what happens to the leaves afterwards makes the difference.

## Steeping

| Tea | Water | Time |
| --- | --- | --- |
| Green | 75 °C | 2 min |
| Black | 95 °C | 4 min |

Use [fresh, soft water](https://example.org/water) and 2 g of leaves for each 100 ml.

\`\`\`python
def steep(minutes: int) -> str:
    return f"wait {minutes} minutes"
\`\`\`
`

const IMPROVED = MARKDOWN.replace(
  'what happens to the leaves afterwards makes the difference.',
  'how the leaves are treated makes the difference.',
)

export const clean: CleanPage = {
  markdown: MARKDOWN,
  text: MARKDOWN,
  metadata: {
    title: TITLE,
    author: 'Ada Brewer',
    publishedAt: '2026-03-14',
    modifiedAt: null,
    site: 'Example',
    canonicalUrl: URL,
    language: 'en',
    direction: 'ltr',
  },
  confidence: 0.96,
  scope: 'auto',
  pageType: 'article',
  counts: { words: 1248, links: 14, codeBlocks: 3, tables: 2, images: 0, headings: 5 },
}

export const captured: Captured = {
  url: URL,
  capturedAt: '2026-11-18T10:00:00.000Z',
  selectionWords: 0,
  page: clean,
  edited: null,
  privacy: null,
}

export const free: Via = { kind: 'free', host: 'api.promptready.example' }
export const own: Via = {
  kind: 'own-key',
  provider: 'groq',
  label: 'Groq',
  model: 'openai/gpt-oss-20b',
  host: 'api.groq.com',
}

export const groqKey: SavedKey = {
  provider: 'groq',
  label: 'Groq',
  host: 'api.groq.com',
  baseUrl: 'https://api.groq.com/openai/v1',
  maskedKey: 'gsk_••••3f2a',
  model: 'openai/gpt-oss-20b',
  isActive: true,
}

/** A page with this job; `replies` cover what a press in it asks. */
export function scene(
  job: Job | null,
  more: { settings?: Partial<Settings>; credits?: number } & Partial<Scene> = {},
): Scene {
  const { settings, credits = 149, replies, session, ...rest } = more
  return {
    tab: { title: TITLE, url: URL },
    local: {
      settings: { mode: 'offline', ...settings },
      credits: { remaining: credits, cohort: 'A', atMs: 0 },
    },
    session: { ...(job ? { [JOB_KEY]: job } : {}), ...session },
    replies: {
      open: { id: JOB_ID, title: TITLE, url: URL, notice: null },
      capture: { id: JOB_ID },
      improve: null,
      cancel: null,
      'keep-offline': null,
      'key.list': [],
      'key.remove': null,
      'identity.show': '0f5c1e62-9f1b-4c0e-8d43-6a7f21b0c955',
      pick: null,
      ...replies,
    },
    ...rest,
  }
}

export const ai = { settings: { mode: 'ai' } } as const

export const ready = (page: Partial<CleanPage> = {}, more: Partial<Captured> = {}): Job => ({
  state: 'ready',
  id: JOB_ID,
  captured: { ...captured, ...more, page: { ...clean, ...page } },
})
export const asking = (question: Question): Job => ({ state: 'asking', id: JOB_ID, captured, question })
export const kept = (problem: Problem, via: Via = free): Job => ({ state: 'kept', id: JOB_ID, captured, via, problem })
export const unreadable = (reason: Unreadable): Job => ({ state: 'unreadable', id: JOB_ID, reason })
export const improving = (more: Partial<Job & { state: 'improving' }> = {}): Job => ({
  state: 'improving',
  id: JOB_ID,
  captured,
  via: free,
  parts: ['answered', 'sent', 'sent'],
  markdown: MARKDOWN,
  waitingUntilMs: null,
  ...more,
})

const tally = (total: number, kept = total, extra = 0) => ({ total, kept, extra })
const nothingChanged: Verification = {
  words: tally(1248),
  numbers: tally(22),
  links: tally(14),
  code: tally(3),
  rows: tally(2),
  headings: tally(5),
  score: 1,
  findings: [],
}

export const improved = (more: Partial<Job & { state: 'improved' }> = {}): Job => ({
  state: 'improved',
  id: JOB_ID,
  captured,
  via: free,
  parts: ['answered'],
  markdown: IMPROVED,
  verification: nothingChanged,
  problem: null,
  isPageChanged: false,
  ...more,
})

/** The model changed a number, made up a link and lost another number; what the check finds is what the real one finds. */
export function improvedWith(): Job {
  const markdown = IMPROVED.replace('| 95 °C |', '| 98 °C |').replace(
    'each 100 ml.',
    'each cup, as [the museum](https://tea.example.com/museum) says.',
  )
  return improved({ markdown, verification: verify(MARKDOWN, markdown) })
}
