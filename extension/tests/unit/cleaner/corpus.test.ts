/**
 * The corpus: `fixtures/<case>--<source>.html` becomes `expected/<case>--<source>.md`. To change an expectation, edit it by hand:
 * nothing here writes it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { clean } from '../../../cleaner'
import { parseDocument } from '../../../cli/dom'

const FIXTURES = new URL('../../fixtures/', import.meta.url)
const EXPECTED = new URL('../../expected/', import.meta.url)
const FIXTURE_URL = 'https://example.org/guide/page.html'

const cases = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.html'))
  .map((name) => name.slice(0, -'.html'.length))

describe('corpus', () => {
  it('has an expectation for every page and a page for every expectation', () => {
    expect(readdirSync(EXPECTED).sort()).toEqual(cases.map((name) => `${name}.md`).sort())
    expect(cases.length).toBeGreaterThanOrEqual(40)
  })

  it.each(cases)('%s', (name) => {
    const document = parseDocument(readFileSync(new URL(`${name}.html`, FIXTURES), 'utf8'))
    const { markdown } = clean(document, FIXTURE_URL, { scope: 'whole' })
    expect(markdown).toBe(readFileSync(new URL(`${name}.md`, EXPECTED), 'utf8'))
  })
})
