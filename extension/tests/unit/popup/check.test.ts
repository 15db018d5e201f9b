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
    const page = 'Steep for 95 seconds, see [tea](https://example.org/tea).\n'
    const answer =
      'Steep for 98 seconds. Add 3 cups, see [coffee](https://example.org/coffee), [more](https://example.com).\n'
    const { findings } = verify(page, answer)
    const counted = (what: string) => findings.filter((finding) => finding.what === what).length
    const words = checkWords({ ...clean, findings })
    expect(findings.length).toBeGreaterThan(2)
    expect(words.includes('not on the page')).toBe(counted('invented') > 0)
    expect(words.includes('changed')).toBe(counted('altered') > 0)
    expect(words.includes('missing')).toBe(counted('lost') > 0)
    expect(words.match(/\d+/g)?.reduce((sum, count) => sum + Number(count), 0)).toBe(findings.length)
  })

  it('says beside a changed number what the page has', () => {
    const { findings } = verify('Steep for 95 seconds.', 'Steep for 98 seconds.')
    expect(findings.map(findingWords)).toEqual(['95 on the page'])
    const place = { start: 0, end: 1, quote: 'x' }
    expect(findingWords({ kind: 'code', what: 'altered', was: 'a long line of code', ...place })).toBe('changed')
    expect(findingWords({ kind: 'link', what: 'lost', ...place })).toBe('missing')
    expect(findingWords({ kind: 'link', what: 'invented', ...place })).toBe('not on the page')
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
