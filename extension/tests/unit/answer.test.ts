import { expect, it } from 'vitest'
import vectors from '../../../tests/vectors/answers.json'
import { judge } from '../../ai/answer'

// The same file holds the backend's reading: see tests/test_prompt.py.
it.each(vectors)('$name', (vector) => {
  const judged = judge({
    source: vector.source,
    modelAsked: vector.model_asked,
    modelReturned: vector.model_returned,
    finishReason: vector.finish_reason,
    content: vector.content,
  })
  expect(judged).toEqual(
    vector.usable ? { usable: true, text: vector.text } : { usable: false, problem: vector.problem },
  )
})

it('has vectors of every kind', () => {
  expect(new Set(vectors.map((vector) => vector.problem ?? 'usable'))).toEqual(
    new Set(['usable', 'empty', 'truncated', 'refusal', 'wrong_model']),
  )
})
