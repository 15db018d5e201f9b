import { describe, expect, it } from 'vitest'
import { type Metadata, readMetadata } from '../../../cleaner/metadata'
import { parseDocument } from '../../../cli/dom'

function metadata(head: string, body = '', url = 'https://example.org/tea/'): Metadata {
  return readMetadata(parseDocument(`<html lang="en"><head>${head}</head><body>${body}</body></html>`), url)
}

describe('author', () => {
  it('comes from what the page publishes for machines first', () => {
    const data = '{"@type":"Article","author":[{"name":"Ada Lovelace"},{"name":"Alan Turing"}]}'
    const page = metadata(
      `<script type="application/ld+json">${data}</script>`,
      '<p class="byline">By Somebody Else</p>',
    )
    expect(page.author).toBe('Ada Lovelace, Alan Turing')
  })

  it('is read from the labelled lines of a card for social networks', () => {
    const card = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ada Lovelace">'
    expect(metadata(card).author).toBe('Ada Lovelace')
  })

  it.each([
    ['<p class="byline">Written by<a href="/a">Ada Lovelace</a></p>'],
    ['<div class="author"><div>Ada Lovelace</div><div>Head of Engines</div></div>'],
    ['<div class="blog__authorname">Ada Lovelace</div>'],
    ['<p class="Author_author__4ceOm">Ada Lovelace</p>'],
    ['<span>By: <a href="https://example.org/author/ada/">Ada Lovelace</a></span>'],
  ])('is found on the page where nothing declares it: %s', (body) => {
    expect(metadata('', `<h1>Tea</h1>${body}<p>Text.</p>`).author).toBe('Ada Lovelace')
  })

  it.each([
    ['<p class="authorization-title">Payment Boost</p>'],
    ['<div class="product-review"><span class="review-author">Kris Roberts</span></div>'],
    ['<div class="author-box">All our writers</div>'],
  ])('is not made up from %s', (body) => {
    expect(metadata('', `<h1>Tea</h1>${body}<p>Text.</p>`).author).toBeNull()
  })
})

describe('dates', () => {
  it('come from whatever prefix a publishing system gives its names', () => {
    expect(metadata('<meta name="w-published-date" content="2025-05-27T06:03:43Z">').publishedAt).toBe('2025-05-27')
  })

  it('are not the date of a comment', () => {
    expect(
      metadata('', '<h1>Tea</h1><div class="comments"><time datetime="2024-01-01">then</time></div>').publishedAt,
    ).toBeNull()
  })
})

describe('address and title', () => {
  it('is absolute, and never the front page of a broken template', () => {
    expect(metadata('<link rel="canonical" href="/tea/green">').canonicalUrl).toBe('https://example.org/tea/green')
    expect(metadata('<link rel="canonical" href="https://example.org/">').canonicalUrl).toBeNull()
  })

  it('takes the only heading for the title, unless it is the name of the whole book', () => {
    const head = '<title>10 BEST Teas of 2026 (Tested)</title>'
    expect(metadata(head, '<h1>Ten teas worth making</h1>').title).toBe('Ten teas worth making')
    const chapter = '<title>Leaves - The Book of Tea</title>'
    expect(metadata(chapter, '<h1>The Book of Tea</h1>').title).toBe('Leaves - The Book of Tea')
    expect(metadata(head, '<h1>Menu and search here</h1><h1>Another one of them</h1>').title).toBe(
      '10 BEST Teas of 2026 (Tested)',
    )
  })

  it('takes no joint of a template for a part of the site', () => {
    const stated = (site: string) => metadata(`<meta property="og:site_name" content="${site}">`).site
    expect(stated('Tea House |')).toBe('Tea House')
    expect(stated('— Tea | Coffee House')).toBe('Tea | Coffee House')
    expect(stated('Tea Tools -')).toBe('Tea Tools')
    expect(stated(' | ')).toBeNull()
  })

  it('leaves the site out of the title', () => {
    const head = '<title>How tea is made | Tea House</title><meta property="og:site_name" content="Tea House">'
    expect(metadata(head)).toMatchObject({ title: 'How tea is made', site: 'Tea House' })
  })
})
