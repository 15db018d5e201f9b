import { describe, expect, it } from 'vitest'
import { compare } from '../../../cli/features'
import { metadataScores } from '../../../cli/metadata'
import type { ToolOutput } from '../../../cli/peers'
import { Scoreboard } from '../../../cli/scoreboard'
import { structureScores } from '../../../cli/structure'

const OPTIONS = { url: 'https://example.org/a', isFixture: false }

describe('compare', () => {
  it('counts an entry as often as it stands in both', () => {
    expect(compare(['a', 'a', 'b'], ['a', 'a', 'a', 'c'])).toEqual({ f1: 4 / 7, precision: 2 / 3, recall: 0.5 })
  })

  it('says nothing where nothing is wanted, and no precision where nothing was found', () => {
    expect(compare(['a'], [])).toBeNull()
    expect(compare([], ['a'])).toEqual({ f1: 0, precision: null, recall: 0 })
  })
})

describe('structure', () => {
  it('is the same however Markdown spells it', () => {
    const ours = '# A\n\n- one\n  - two\n\n```js\nx\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n> said\n'
    const theirs = 'A\n=\n\n* one\n    * two\n\n~~~js\nx\n~~~\n\na | b\n:-- | --:\n1 | 2\n\n>said\n'
    const scores = structureScores(theirs, ours, OPTIONS)
    for (const feature of ['headings', 'lists', 'code', 'codeLanguage', 'tables', 'quotes'] as const)
      expect(scores[feature]?.f1, feature).toBe(1)
  })

  it('misses what stands at another depth, in another column, or lost a byte', () => {
    const scores = structureScores(
      '- one\n- two\n\n```\nx=1\n```\n\n| b | a |\n| --- | --- |\n',
      '- one\n  - two\n\n```\nx = 1\n```\n\n| a | b |\n| --- | --- |\n',
      OPTIONS,
    )
    expect(scores.lists?.f1).toBe(0.5)
    expect(scores.code?.f1).toBe(0)
    expect(scores.tables?.f1).toBe(0)
  })

  it('compares where links lead, not how the address is written, and leaves out places on the page', () => {
    const found = '[here](/b?utm_source=x) [there](https://example.org/a#part)'
    expect(structureScores(found, '[Here](https://example.org/b/)', OPTIONS).links?.f1).toBe(1)
    expect(structureScores('', '[there](#part)', OPTIONS).links).toBeNull()
  })

  it('finds part of a quote to be part of it', () => {
    expect(structureScores('> one', '> one\n>\n> two', OPTIONS).quotes?.f1).toBeCloseTo(2 / 3)
  })
})

describe('metadata', () => {
  const output: ToolOutput = {
    markdown: '',
    title: 'The “Tea” page',
    author: 'By Ada Lovelace',
    published: 'January 2, 2026',
    address: 'http://www.example.org/tea/',
    ms: 0,
  }
  const page = { id: '1', url: 'https://example.org/tea', html: '', kind: 'article' }
  const truth = {
    main_content: null,
    main_content_markdown: null,
    author: 'Ada Lovelace, Alan Turing',
    publish_date: '2026-01-02',
  }

  it('compares words, the first author, the day, and where an address leads', () => {
    expect(metadataScores(output, { ...page, truth: { ...truth, title: 'The "Tea" Page' } })).toEqual({
      title: 1,
      author: 1,
      'publish date': 1,
      'canonical address': 1,
    })
  })

  it('asks for nothing the truth does not have', () => {
    const silent = { ...truth, title: null, author: null, publish_date: null }
    expect(metadataScores({ ...output, address: null }, { ...page, truth: silent })).toEqual({
      title: null,
      author: null,
      'publish date': null,
      'canonical address': null,
    })
  })
})

describe('the table', () => {
  it('shows means with their balance, marks the best, and leaves out what nobody was asked', () => {
    const board = new Scoreboard()
    board.add('links', 'PromptReady', { f1: 1, precision: 1, recall: 1 })
    board.add('links', 'PromptReady', { f1: 0, precision: null, recall: 0 })
    board.add('links', 'Defuddle', { f1: 0.25, precision: 0.2, recall: 0.333 })
    board.add('ms', 'PromptReady', 30)
    board.add('ms', 'Defuddle', 20)
    const rows = [
      { name: 'links', measure: 'links', summary: 'score' },
      { name: 'median', measure: 'ms', summary: 'median' },
      { name: 'none', measure: 'none', summary: 'score' },
    ] as const
    expect(board.table(rows, { hasDetail: true }).split('\n').slice(2)).toEqual([
      '| links | 2 | **0.500** (1 / .50) | – | 0.250 (.20 / .33) |',
      '| median | 1 | 30 | – | **20** |',
    ])
  })
})
