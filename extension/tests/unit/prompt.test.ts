import { expect, it } from 'vitest'
import vectors from '../../../tests/vectors/marks.json'
import { userMessage } from '../../ai/prompt'

// The same file holds the backend's choice: see tests/test_prompt.py.
it.each(vectors)('puts a page between marks that it does not spell: $name', ({ content, mark }) => {
  expect(userMessage(content)).toBe(`<${mark}>\n${content}\n</${mark}>`)
})
