import { describe, expect, it } from 'vitest'
import { type CleanPage, clean } from '../../../cleaner'
import { parseDocument } from '../../../cli/dom'

const URL_OF_PAGE = 'https://example.org/'

function cleaned(body: string): CleanPage {
  return clean(parseDocument(`<!doctype html><title>Hostile</title><body><main>${body}</main>`), URL_OF_PAGE, {
    scope: 'whole',
  })
}

describe('hostile pages', () => {
  it('keeps the text of 10,000 nested elements', () => {
    expect(cleaned(`${'<div>'.repeat(10_000)}deep text${'</div>'.repeat(10_000)}`).markdown).toContain('deep text')
  })

  it('keeps the text of 2,000 nested quotes and lists, without a line growing with the depth', () => {
    const { markdown } = cleaned(
      `${'<blockquote>'.repeat(2_000)}quoted${'</blockquote>'.repeat(2_000)}${'<ul><li>'.repeat(2_000)}item`,
    )
    expect(markdown).toContain('quoted')
    expect(markdown).toContain('item')
    expect(Math.max(...markdown.split('\n').map((line) => line.length))).toBeLessThan(500)
  })

  it('takes a document nested by script as deep as scripts can', () => {
    const document = parseDocument('<!doctype html><body><p>start</p></body>')
    let at: Element = document.body
    for (let i = 0; i < 10_000; i++) {
      const next = document.createElement('b')
      at.append(next)
      at = next
    }
    at.textContent = 'the end of it'
    expect(clean(document, URL_OF_PAGE, { scope: 'whole' }).text).toContain('the end of it')
  })

  it('reads 10,000 elements', () => {
    const { counts } = cleaned('<p>some <b>bold</b> words</p>'.repeat(5_000))
    expect(counts.words).toBe(15_000)
  })

  it.each([
    ['endless attributes', `<p ${Array.from({ length: 5_000 }, (_, i) => `a${i}="x"`).join(' ')}>text here</p>`],
    ['a huge attribute', `<p class="${'x '.repeat(200_000)}" title="${'y'.repeat(500_000)}">text here</p>`],
    ['null bytes', '<p>te\0xt here\0</p><pre>a\0b text here</pre>'],
    ['malformed markup', '<table><tr><p>text here<td></div></span><a href="<a href=">x</a></p><li></ul><h1><select>'],
    ['half a surrogate pair', '<p>text here \ud83d</p><p>\ude00</p>'],
    ['a wall of openings', `<p>text here ${'\\('.repeat(20_000)}${'['.repeat(20_000)}${'*_~'.repeat(10_000)}</p>`],
    [
      'spans without end',
      '<table><tr><td colspan="1000000000" rowspan="65534">text here</td></tr><tr><td>x</td></tr></table>',
    ],
    ['a broken base', '<base href="http://[broken"><p>text here <a href="http://[x">bad</a> <a href="%">odd</a></p>'],
    [
      'notes that point at each other',
      '<p>text here<sup><a href="#a">1</a></sup></p><ol><li id="a">A <sup><a href="#b">2</a></sup></li><li id="b">B <sup><a href="#a">1</a></sup></li></ol>',
    ],
    [
      'JSON-LD that is not',
      '<script type="application/ld+json">{"@graph":[{"author":{"@id":"#a"}},{"@id":"#a","name":{"@id":"#a"}}</script><p>text here</p>',
    ],
  ])('takes %s', (_name, body) => {
    expect(cleaned(body).text.split('\0').join('')).toContain('text here')
  })

  it('takes an empty document', () => {
    const { markdown, metadata } = clean(parseDocument(''), URL_OF_PAGE)
    expect(markdown).toBe('')
    expect(metadata.title).toBe('')
  })

  it('keeps JSON-LD that refers to itself from going round', () => {
    const head =
      '<script type="application/ld+json">[{"@type":"Article","author":{"@id":"#a"}},{"@id":"#a","name":{"@id":"#a"}}]</script>'
    expect(cleaned(`${head}<p>x</p>`).metadata.author).toBeNull()
  })
})
