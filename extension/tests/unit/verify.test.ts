import { expect, it } from 'vitest'
import vectors from '../../../tests/vectors/fidelity.json'
import { verify } from '../../ai/verify'

interface Vector {
  name: string
  source: string
  answer: string
  repeat?: number
  score: number
}

const KINDS = ['words', 'numbers', 'links', 'code', 'rows', 'headings'] as const
const NOTHING = { total: 0, kept: 0, extra: 0 }

// The same file holds the backend's reading: see tests/test_fidelity.py.
it.each(vectors as (Vector & Record<string, unknown>)[])('$name', (vector) => {
  const { source, answer, repeat = 1, score } = vector
  const { findings, ...counted } = verify(source.repeat(repeat), answer.repeat(repeat))
  const expected = Object.fromEntries(KINDS.map((kind) => [kind, vector[kind] ?? NOTHING]))
  expect(counted).toEqual({ ...expected, score })
  for (const finding of findings) {
    const text = (finding.what === 'lost' ? source : answer).repeat(repeat)
    expect(text.slice(finding.start, finding.end)).toBe(finding.quote)
  }
})

const found = (source: string, answer: string) =>
  verify(source, answer).findings.map(({ kind, what, quote, was }) => [
    what,
    kind,
    quote,
    ...(was === undefined ? [] : [was]),
  ])

it('finds nothing in a faithful answer', () => {
  expect(
    found('Tea\n\n- 2 cups\n- see https://a.example', '# Tea\n\n1. **2** cups\n2. see <https://a.example>'),
  ).toEqual([])
})

it('says what a changed number was, by the word before it', () => {
  const source = '| Green | 75 °C |\n| Black | 95 °C |'
  expect(found(source, source.replace('95', '98'))).toEqual([['altered', 'number', '98', '95']])
})

it('says which of several equal numbers was changed', () => {
  expect(found('Ada 30, Bo 40, Cy 40', 'Ada 40, Bo 30, Cy 30')).toEqual([['altered', 'number', '30', '40']])
})

it('marks a number that is nowhere on the page, and one that is gone', () => {
  expect(found('Steep for 3 minutes.', 'Steep for some minutes, at 80 degrees.')).toEqual([
    ['invented', 'number', '80'],
    ['lost', 'number', '3'],
  ])
})

it('does not call a number made up that the page has, only more often', () => {
  expect(found('Call 555.', 'Call 555. Again: 555.')).toEqual([])
  expect(found('Call 555. Again: 555.', 'Call 555.')).toEqual([])
})

it('marks every invented and every lost link once', () => {
  expect(found('[a](https://a.example/x?utm=1)', '[a](https://a.example/x) or [b](https://a.example/x)')).toEqual([
    ['invented', 'link', 'https://a.example/x'],
    ['lost', 'link', 'https://a.example/x?utm=1'],
  ])
})

it('points at the first line of code that was altered, and gives the line it was', () => {
  const source = '```py\na = 1\nfor b in a:\n    c()\n```'
  expect(found(source, source.replace('    c()', '  c()'))).toEqual([['altered', 'code', '  c()', '    c()']])
})

it('tells altered blocks from lost ones', () => {
  const source = '```\nlost()\n```\n\n```\nwrap(me, please)\n```'
  expect(found(source, '```\nwrap(\n  me, please)\n```')).toEqual([
    ['altered', 'code', 'wrap(', 'wrap(me, please)'],
    ['lost', 'code', 'lost()'],
  ])
})

it('points at a block in a list where it stands', () => {
  const answer = '- Pour:\n\n  ```sh\n  pour --slow\n  ```'
  const [finding] = verify(answer.replace('slow', 'fast'), answer).findings
  expect(finding).toMatchObject({ kind: 'code', start: answer.indexOf('  pour'), quote: '  pour --slow' })
})

it('misses headings', () => {
  expect(found('## Steps\n\nPick.', '**Steps**\n\nPick.')).toEqual([['lost', 'heading', 'Steps']])
})

it('lists what is in the answer first, each side from top to bottom', () => {
  const order = found('1 is lost, as is https://a.example/lost, and 7.', 'See https://b.example/new and 9 and 8')
  expect(order.map(([what, , quote]) => `${what} ${quote}`)).toEqual([
    'invented https://b.example/new',
    'altered 9',
    'invented 8',
    'lost 1',
    'lost https://a.example/lost',
  ])
})

it.each(['](', '](a(', 'http://(', 'http://a(b', '```\n', '`', '| ', '1,', '. ', '*', 'www.', '1. ', ' ', '٣', '茶'])(
  'takes no more than linear time on a page full of %j',
  (hostile) => {
    const text = hostile.repeat(100_000 / hostile.length)
    const begin = performance.now()
    verify(text, `x${text}y`)
    expect(performance.now() - begin).toBeLessThan(2_000) // quadratic would be minutes
  },
)
