import { expect, it } from 'vitest'
import vectors from '../../../tests/vectors/injections.json'
import { verify } from '../../ai/verify'

const shown = vectors.filter(({ shown_by }) => shown_by !== 'refusal' && shown_by !== 'empty')
const findings = { links: 'invented link', numbers: 'invented number', code: 'altered code' }

it.each(shown)('shows what a model made up that obeyed the page: $name', ({ content, obeyed, shown_by }) => {
  const { score, findings: found } = verify(content, obeyed)
  const kinds = found.map(({ what, kind }) => `${what} ${kind}`.replace('altered number', 'invented number'))
  if (shown_by in findings) expect(kinds).toContain(findings[shown_by as keyof typeof findings])
  expect(score).toBeLessThan(shown_by === 'score' ? 0.75 : 0.99)
})

it.each(vectors)('finds nothing where the order is text like any other: $name', ({ content }) => {
  expect(verify(content, content)).toMatchObject({ score: 1, findings: [] })
})
