import { describe, expect, it } from 'vitest'
import type { CleanPage } from '../../../cleaner'
import { cite } from '../../../cleaner/citation'
import { toJson } from '../../../cleaner/json'

const CAPTURED_AT = new Date('2026-11-22T10:05:59Z')
const URL_OF_PAGE = 'https://example.org/tea?a=1&b=<2>'

function page(changes: Partial<CleanPage['metadata']> = {}, markdown = 'Pour water.\n'): CleanPage {
  return {
    markdown,
    text: 'Pour water.',
    metadata: {
      title: 'How *tea* is made',
      author: 'Ada "A." Lovelace',
      publishedAt: '2026-01-02',
      modifiedAt: '2026-03-04',
      site: 'Tea: a site',
      canonicalUrl: null,
      language: 'en',
      direction: 'ltr',
      ...changes,
    },
    confidence: 0.9,
    scope: 'auto',
    pageType: 'article',
    counts: { words: 2, links: 0, codeBlocks: 0, tables: 0, images: 0, headings: 0 },
  }
}

describe('citation', () => {
  it('puts title, source, author and dates above the text', () => {
    expect(cite(page(), 'block', URL_OF_PAGE, CAPTURED_AT)).toBe(
      '# How \\*tea\\* is made\n\n> Source: <https://example.org/tea?a=1&b=%3C2%3E>  \n> By Ada "A." Lovelace, Tea: a site  \n> Published 2026-01-02, updated 2026-03-04, captured 2026-11-22 10:05 UTC\n\nPour water.\n',
    )
  })

  it('does not repeat the title of a text that opens with it', () => {
    const cited = cite(page({ title: 'Tea' }, '# Tea\n\nPour water.\n'), 'block', URL_OF_PAGE, CAPTURED_AT)
    expect(cited.match(/^# Tea$/gm)).toHaveLength(1)
    expect(cited).toMatch(/UTC\n\nPour water\.\n$/)
  })

  it('knows the title again at another level and with other quotes', () => {
    const cited = cite(
      page({ title: 'The “best” tea' }, '## The "best" tea\n\nPour.\n'),
      'block',
      URL_OF_PAGE,
      CAPTURED_AT,
    )
    expect(cited).toMatch(/^# The “best” tea\n\n> [\s\S]*UTC\n\nPour\.\n$/)
  })

  it('names a site that is its own author once, as the site writes itself', () => {
    const cited = cite(page({ author: 'teahouse', site: 'Tea House' }), 'block', URL_OF_PAGE, CAPTURED_AT)
    expect(cited).toContain('> By Tea House  \n')
  })

  it('leaves out of the source what a campaign has added', () => {
    const cited = cite(page(), 'block', 'https://example.org/tea?utm_source=mail&a=1', CAPTURED_AT)
    expect(cited).toContain('> Source: <https://example.org/tea?a=1>')
  })

  it('says only what the page says', () => {
    const bare = page({ title: '', author: null, publishedAt: null, modifiedAt: null, site: null })
    expect(cite(bare, 'block', URL_OF_PAGE, CAPTURED_AT)).toBe(
      '> Source: <https://example.org/tea?a=1&b=%3C2%3E>  \n> Captured 2026-11-22 10:05 UTC\n\nPour water.\n',
    )
  })

  it('quotes front matter so that YAML reads back the same strings', () => {
    const tricky = page({ title: 'a: b\n--- "c" \u2028 # d', author: null, modifiedAt: null })
    expect(cite(tricky, 'frontmatter', URL_OF_PAGE, CAPTURED_AT)).toBe(
      '---\ntitle: "a: b\\n--- \\"c\\" \\u2028 # d"\nurl: "https://example.org/tea?a=1&b=<2>"\nsite: "Tea: a site"\npublished: "2026-01-02"\nlanguage: "en"\ncaptured: "2026-11-22T10:05:59.000Z"\n---\n\nPour water.\n',
    )
  })

  it('leaves the text alone when asked to', () => {
    expect(cite(page(), 'none', URL_OF_PAGE, CAPTURED_AT)).toBe('Pour water.\n')
  })
})

describe('json', () => {
  it('holds every fact of the page under fixed keys', () => {
    const json: unknown = JSON.parse(toJson(page(), URL_OF_PAGE, CAPTURED_AT))
    expect(json).toEqual({
      url: URL_OF_PAGE,
      capturedAt: '2026-11-22T10:05:59.000Z',
      title: 'How *tea* is made',
      author: 'Ada "A." Lovelace',
      publishedAt: '2026-01-02',
      modifiedAt: '2026-03-04',
      site: 'Tea: a site',
      canonicalUrl: null,
      language: 'en',
      direction: 'ltr',
      pageType: 'article',
      scope: 'auto',
      confidence: 0.9,
      counts: { words: 2, links: 0, codeBlocks: 0, tables: 0, images: 0, headings: 0 },
      markdown: 'Pour water.\n',
    })
  })
})
