import { describe, expect, it } from 'vitest'
import { approximateTokens, counted, hostOf, letterOf, listed, untilWords } from '../../../entrypoints/popup/words'

describe('numbers in words', () => {
  it('says one link but several links', () => {
    expect([0, 1, 2, 1240].map((count) => counted(count, 'link'))).toEqual([
      '0 links',
      '1 link',
      '2 links',
      '1,240 links',
    ])
    expect(counted(2, 'address', 'addresses')).toBe('2 addresses')
  })

  it('joins a list as people do', () => {
    expect(listed([])).toBe('')
    expect(listed(['1 number'])).toBe('1 number')
    expect(listed(['1 number', '1 link'])).toBe('1 number and 1 link')
    expect(listed(['22 numbers', '14 links', '3 code blocks'])).toBe('22 numbers, 14 links and 3 code blocks')
  })

  it('marks a token count as an estimate', () => {
    expect(approximateTokens(1240)).toBe('≈ 1,240 tokens')
  })
})

describe('addresses in words', () => {
  it('names a site without its www, with a port that is not the usual one', () => {
    expect(hostOf('https://www.example.org/tea?q=1')).toBe('example.org')
    expect(hostOf('http://localhost:8080/')).toBe('localhost:8080')
  })

  it('names the scheme where there is no host, and nothing where there is no address', () => {
    expect(hostOf('file:///home/tea.html')).toBe('file')
    expect(hostOf('chrome://settings/')).toBe('settings')
    expect(hostOf('')).toBe('')
  })

  it('finds a letter or digit for every site', () => {
    expect([letterOf('example.org'), letterOf('日本.jp'), letterOf('127.0.0.1'), letterOf('')]).toEqual([
      'e',
      '日',
      '1',
      '',
    ])
  })
})

describe('how long something is not possible', () => {
  const now = new Date(2026, 10, 18, 9, 0, 0)
  const inSeconds = (seconds: number) => untilWords(new Date(now.getTime() + seconds * 1000), now)

  it('counts seconds while they are few, never zero', () => {
    expect([inSeconds(-5), inSeconds(1), inSeconds(40), inSeconds(89)]).toEqual([
      'for 1 second',
      'for 1 second',
      'for 40 seconds',
      'for 89 seconds',
    ])
  })

  it('gives the time of day within the next hours and the weekday after that', () => {
    expect(inSeconds(3 * 3600)).toMatch(/^until 12:00\sPM$/)
    expect(inSeconds(5 * 24 * 3600)).toBe('until Monday')
  })
})
