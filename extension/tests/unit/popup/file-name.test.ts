import { describe, expect, it } from 'vitest'
import { fileNameOf } from '../../../entrypoints/popup/file-name'
import { captured } from '../../gallery/scenes'

const titled = (title: string | null, pattern = '{title}') =>
  fileNameOf(
    { ...captured, page: { ...captured.page, metadata: { ...captured.page.metadata, title: title ?? '' } } },
    pattern,
  )

describe('the name of a saved page', () => {
  it('fills in title, site and date', () => {
    expect(titled('How tea is made', '{date} {site} - {title}')).toBe('2026-11-18 Example - How tea is made.md')
  })

  it('leaves braces that stand for nothing as they are', () => {
    expect(titled('Tea', '{title} {price}')).toBe('Tea {price}.md')
  })

  it('does not fill in what a title asks for', () => {
    expect(titled('{date}')).toBe('{date}.md')
  })

  it('names no folder, no device and no hidden file, whatever the page calls itself', () => {
    expect(titled('../../etc/passwd')).toBe('etc passwd.md')
    expect(titled('C:\\Windows\\system.ini')).toBe('C Windows system.ini.md')
    expect(titled('.bashrc')).toBe('bashrc.md')
    expect(titled('con')).toBe('_con.md')
    expect(titled('a\u202Efdp.exe')).toBe('a fdp.exe.md')
    expect(titled('line\nbreak\u0000')).toBe('line break.md')
  })

  it('keeps letters of every script', () => {
    expect(titled('お茶の淹れ方')).toBe('お茶の淹れ方.md')
  })

  it('is short enough for every file system, cut at a whole character', () => {
    const name = titled('茶🍵'.repeat(100))
    expect(new TextEncoder().encode(name).length).toBeLessThan(200)
    expect(name).toMatch(/^(茶🍵)+茶?\.md$/u)
  })

  it('is "page" where there is nothing to go by', () => {
    expect(titled('')).toBe('page.md')
    expect(titled('///')).toBe('page.md')
  })
})
