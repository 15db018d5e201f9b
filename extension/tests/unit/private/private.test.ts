import { describe, expect, it } from 'vitest'
import { hide, holdsNothingNew, privateCounts, reveal } from '../../../ai/private'
import { HARMLESS, PRIVATE } from './corpus'

/** What was hidden, in the order of the text, as the corpus writes it. */
function found(text: string): string[] {
  const { text: sent, originals } = hide(text)
  return [...sent.matchAll(/Hiddenx*(Email|Phone|Card|Key)\d+/g)].map(
    ([placeholder, kind = '']) => `${kind.toLowerCase()} ${originals[placeholder.toLowerCase()]}`,
  )
}

describe('finds, and hides without a trace', () => {
  it.each(PRIVATE)('%s', (_, text, expected) => {
    expect(found(text)).toEqual(expected)
    const { text: sent, originals } = hide(text)
    for (const original of Object.values(originals)) expect(sent).not.toContain(original)
    expect(reveal(sent, originals)).toBe(text)
  })
})

describe('is not alarmed by', () => {
  it.each(HARMLESS)('%s', (_, text) => {
    expect(found(text)).toEqual([])
    expect(privateCounts(text)).toBeNull()
  })
})

it('finds the same in the middle of a page', () => {
  const page = [...PRIVATE.map(([, text]) => text), ...HARMLESS.map(([, text]) => text)].join('\n\n')
  expect(found(page)).toEqual(PRIVATE.flatMap(([, , expected]) => expected))
})

describe('counting', () => {
  it('counts each once, however it is written', () => {
    const text =
      '[ada@tea.org](mailto:Ada@tea.org), bea\\_b@tea.org and <mailto:bea_b@tea.org>; (415) 555-0123, +1 415 555 0123'
    expect(privateCounts(text)).toEqual({ email: 2, phone: 1, card: 0, key: 0 })
  })

  it('tells whether a page holds something that it did not hold before', () => {
    const before = 'Write to ada@tea.org. 12:01'
    expect(holdsNothingNew('12:05. Write to [ada@tea.org](mailto:ada@tea.org).', before)).toBe(true)
    expect(holdsNothingNew('Write to bea@tea.org.', before)).toBe(false)
  })
})

describe('hiding', () => {
  it('keeps what a model needs to know: what kind it is, and which are the same', () => {
    expect(hide('ada@tea.org or bea@tea.org, not ada@tea.org; +44 20 7946 0958').text).toBe(
      'HiddenEmail1 or HiddenEmail2, not HiddenEmail1; HiddenPhone1',
    )
  })

  it('does not take what the page spells itself for a placeholder', () => {
    const page = 'HiddenEmail1 and hidden key 2 and HIDDENX-CARD-3 are words of ada@tea.org.'
    const { text, originals } = hide(page)
    expect(text).toContain('HiddenxxEmail1.')
    expect(reveal(text, originals)).toBe(page)
  })

  it.each([
    'HiddenEmail1',
    'hiddenemail1',
    'Hidden\\_Email\\_1',
    'Hidden‑Email‑1',
    'hidden email 1',
    '**HiddenEmail1**',
    '[HiddenEmail1](mailto:HiddenEmail1)',
  ])('puts back what a model spells %s', (spelt) => {
    const { originals } = hide('Write to ada@tea.org.')
    expect(reveal(spelt, originals)).toContain('ada@tea.org')
    expect(reveal(spelt, originals)).not.toMatch(/hidden/i)
  })

  it('leaves a placeholder that it never gave', () => {
    const { originals } = hide('Write to ada@tea.org.')
    expect(reveal('HiddenEmail12, HiddenCard1, Hidden__proto__1', originals)).toBe(
      'HiddenEmail12, HiddenCard1, Hidden__proto__1',
    )
  })
})

describe('a page made to hurt', () => {
  const LONG = 200_000
  const HOSTILE = [
    ...['a', '@', 'a@', 'a.', '1', '1 ', '+1', '(1', '|1', '\\_', '%40', ' [at] ', 'hidden', 'hiddenx'].map((unit) =>
      unit.repeat(LONG / unit.length),
    ),
    `eyJ${'a'.repeat(LONG)}`,
    'eyJaaaaaaaaaa.'.repeat(LONG / 14),
    '-----BEGIN PRIVATE KEY-----'.repeat(LONG / 27),
    'x://'.repeat(LONG / 4),
    `x://${':'.repeat(LONG)}`,
    'token: '.repeat(LONG / 7),
    `token: ${'a1'.repeat(LONG / 2)}`,
    `| a ${'| 415-555-0123 '.repeat(LONG / 15)}`,
    '| 415-555-0123 |\n'.repeat(LONG / 17),
    `Hidden${'x'.repeat(LONG)}`,
    'call 12345678 '.repeat(LONG / 14),
    'a@b.cc '.repeat(LONG / 7),
  ]

  it.each(HOSTILE.map((text) => [text.slice(0, 20), text]))(
    '%j takes bounded time, and comes back whole',
    (_, text) => {
      const startMs = performance.now()
      const { text: sent, originals } = hide(text)
      expect(reveal(sent, originals)).toBe(text)
      // A hundred times what it takes; quadratic time would be a thousand times more.
      expect(performance.now() - startMs).toBeLessThan(3_000)
    },
  )
})
