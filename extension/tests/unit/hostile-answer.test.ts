import { expect, it } from 'vitest'
import { judge } from '../../ai/answer'
import { verify } from '../../ai/verify'

/** A tenth of what a provider may send at most (MAX_REPLY_BYTES in ai/byok.ts), to keep the suite quick. */
const REPLY_CHARS = 200_000
/** Linear work needs a tenth of a second on an idle machine; what is quadratic needs minutes. */
const PATIENCE_MS = 15_000

const pieces = [
  '<think>',
  ' ',
  '\n',
  '`',
  '```\n',
  '~~~md\n',
  '](',
  '](/a(b',
  'http://a(',
  'www.(',
  '1,000',
  '-1',
  '&#1',
  '# a\n',
  '|a|\n',
  '1. a\n',
  'e\u0301',
  '\u4e00a',
  '\u0661',
  '*_~',
  '\\',
  '> ',
  '\u200b',
  '\ud83d',
]

it.each(pieces)(
  'reads 200,000 characters of %j in bounded time',
  (piece) => {
    const content = piece.repeat(Math.floor(REPLY_CHARS / piece.length))
    const startMs = performance.now()
    const answer = { source: 'Tea.', modelAsked: 'm', modelReturned: 'm', finishReason: 'stop' }
    judge({ ...answer, content })
    judge({ ...answer, content: `<think>${content}` })
    verify('Tea is made with 2 cups.', content)
    expect(performance.now() - startMs).toBeLessThan(PATIENCE_MS)
  },
  PATIENCE_MS * 3,
)
