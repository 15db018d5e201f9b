/** What a person asked for, or would be misled by. */
import { describe, expect, it } from 'vitest'
import { clean } from '../../../cleaner'
import { withoutTracking } from '../../../cleaner/markdown/addresses'
import { parseDocument } from '../../../cli/dom'

const whole = (body: string): string =>
  clean(parseDocument(`<title>Tea</title><body>${body}</body>`), 'https://example.org/tea', { scope: 'whole' }).markdown

describe('the whole page', () => {
  const figure = '<figure><img src="/sales.png" alt="Sales of tea" width="600" height="400"></figure>'

  it('has the pictures that stand right in it', () => {
    expect(whole(`<p>Tea sells well in winter.</p>${figure}<p>And in spring.</p>`)).toContain('![Sales of tea]')
  })

  it('may be a picture alone', () => {
    expect(whole(figure)).toContain('![Sales of tea]')
  })
})

it('takes a box for comparing goods for no task', () => {
  const box = '<input type="checkbox" name="compare">'
  const goods = whole(`<ul><li>${box}<h3>Black tea</h3><p>Strong.</p></li><li>${box}<h3>Green tea</h3></li></ul>`)
  expect(goods).toContain('### Black tea')
  expect(goods).not.toContain('[ ]')
  expect(whole('<ul><li><input type="checkbox"> Boil water</li></ul>')).toContain('- [ ] Boil water')
})

it('takes visits and campaigns out of an address, and no name of a place', () => {
  const visit = 'sid=e1852c0a9b7f4d2c8e6a1b3c5d7f9e0a'
  expect(withoutTracking(`https://example.org/t?t=5&${visit}`)).toBe('https://example.org/t?t=5')
  expect(withoutTracking('https://example.org/t?_gl=1*x&hvadid=7&a=1')).toBe('https://example.org/t?a=1')
  expect(withoutTracking('https://example.org/t?sid=12')).toBe('https://example.org/t?sid=12')
})
