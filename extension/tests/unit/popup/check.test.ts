import { describe, expect, it } from 'vitest'
import { type Verification, verify } from '../../../ai/verify'
import { checkWords, findingWords } from '../../../entrypoints/popup/check-words'
import { locate } from '../../../entrypoints/popup/locate'

const tally = (total: number) => ({ total, kept: total, extra: 0 })
const clean: Verification = {
  words: tally(9),
  numbers: tally(22),
  links: tally(14),
  code: tally(3),
  rows: tally(0),
  headings: tally(0),
  score: 1,
  findings: [],
}

describe('the check in words', () => {
  it('counts what matches, and leaves out what the page does not have', () => {
    expect(checkWords(clean)).toBe('All 22 numbers, 14 links and 3 code blocks match the page')
    expect(checkWords({ ...clean, code: tally(0) })).toBe('All 22 numbers and 14 links match the page')
    expect(checkWords({ ...clean, numbers: tally(0), links: tally(0), code: tally(0) })).toBe(
      'No numbers, links or code were changed',
    )
  })

  it('counts what the answer made up, changed and lost, each under its own verb', () => {
    const page = 'Steep for 95 seconds, see [tea](https://example.org/tea).\n\n```\nsteep(4)\n```\n'
    const answer = 'Steep for 98 seconds.\n\n```\nsteep(5)\n```\n'
    const { findings } = verify(page, answer)
    expect(checkWords({ ...clean, findings })).toBe(
      '1 number is not on the page; 1 code block was changed; 1 number and 1 link are missing',
    )
    expect(findings.map(findingWords)).toEqual(expect.arrayContaining(['not on the page', 'changed', 'missing']))
  })
})

describe('a finding in the text shown', () => {
  const text = '> Source 95\n\nUse 95 °C, never 95 °F.'

  it('is the occurrence nearest to its place', () => {
    expect(locate(text, '95', 17)).toEqual({ start: 17, end: 19 })
    expect(locate(text, '95', 0)).toEqual({ start: 9, end: 11 })
    expect(locate(text, '95', 999)).toEqual({ start: 30, end: 32 })
    expect(locate(text, '95', -5)).toEqual({ start: 9, end: 11 })
  })

  it('is nowhere once the user has edited it away', () => {
    expect(locate(text, '98', 17)).toBeNull()
    expect(locate(text, '', 3)).toBeNull()
  })
})
