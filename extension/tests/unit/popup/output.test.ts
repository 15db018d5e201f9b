import { describe, expect, it } from 'vitest'
import { announcementOf } from '../../../entrypoints/popup/announcement'
import { addressWords, suggestedModel } from '../../../entrypoints/popup/key-test'
import { bareEdit, bareOf, jsonOf, markdownOf } from '../../../entrypoints/popup/output'
import { pageFacts } from '../../../entrypoints/popup/page-facts'
import { copyWords } from '../../../entrypoints/popup/use-copy'
import type { Captured, Job } from '../../../job'
import { captured, improved, improving, kept, ready } from '../../gallery/scenes'

type WithPage = Job & { captured: Captured }
const MARKDOWN = captured.page.markdown

describe('the text that is copied', () => {
  it('has the citation on top, in the style of the settings', () => {
    const job = ready() as WithPage
    expect(markdownOf(job, 'offline', 'block')).toContain('> Source: <https://www.example.org/drinks/tea>')
    expect(markdownOf(job, 'offline', 'frontmatter')).toMatch(/^---\ntitle: "How tea is made"/)
    expect(markdownOf(job, 'offline', 'none')).toBe(MARKDOWN)
  })

  it('is what AI made of the page only where AI made something', () => {
    expect(bareOf(improved({ markdown: 'better' }) as WithPage, 'ai')).toBe('better')
    expect(bareOf(improving({ markdown: 'half' }) as WithPage, 'ai')).toBe('half')
    expect(bareOf(improved({ markdown: 'better' }) as WithPage, 'offline')).toBe(MARKDOWN)
    expect(bareOf(kept({ kind: 'stopped' }) as WithPage, 'ai')).toBe(MARKDOWN)
  })

  it('goes into JSON with the facts of the page', () => {
    expect(JSON.parse(jsonOf(captured, 'edited'))).toMatchObject({
      title: 'How tea is made',
      url: captured.url,
      capturedAt: captured.capturedAt,
      markdown: 'edited',
    })
  })
})

describe('an edited text', () => {
  it.each(['block', 'frontmatter', 'none'] as const)('is sent without its citation (%s)', (citation) => {
    for (const markdown of [MARKDOWN, `# How tea is made\n\n${MARKDOWN}`]) {
      const job = ready({ markdown }) as WithPage
      const cited = markdownOf(job, 'offline', citation)
      const edited = cited.replace('fresh, soft water', 'water')
      expect(bareEdit(job, cited, citation)).toBe(markdown)
      expect(bareEdit(job, edited, citation)).toBe(markdown.replace('fresh, soft water', 'water'))
    }
  })

  it('is sent as it is where the citation was edited too, or is gone', () => {
    expect(bareEdit(ready() as WithPage, 'My own words', 'block')).toBe('My own words')
  })
})

describe('what is on the clipboard', () => {
  it('is said only as long as it is true', () => {
    expect(copyWords({ as: 'Markdown', of: 'tea' }, 'tea', false)?.words).toBe('Copied as Markdown')
    expect(copyWords({ as: 'Markdown', of: 'tea' }, 'green tea', true)?.words).toBe('Edited, not copied yet')
    expect(copyWords({ as: 'Markdown', of: 'tea' }, 'improved tea', false)).toBeNull()
    expect(copyWords({ as: 'failed', of: 'tea' }, 'tea', false)?.words).toBe('Not copied: press Copy')
    expect(copyWords(null, 'tea', false)).toBeNull()
  })
})

describe('what of the page is used', () => {
  it('is the selection where there is one, otherwise the kind of page and its words', () => {
    expect(pageFacts(ready({ scope: 'selection' }, { selectionWords: 214 }))).toEqual(['selection of 214 words'])
    expect(pageFacts(ready())).toEqual(['article', '1,248 words'])
    expect(pageFacts({ state: 'capturing', id: 'x' })).toEqual([])
  })
})

describe('what is announced', () => {
  it('stays the same from part to part and second to second', () => {
    const at = (parts: ('answered' | 'sent')[], waitingUntilMs: number | null) =>
      announcementOf(improving({ parts, waitingUntilMs }), null, null)
    expect(at(['sent', 'sent'], null)).toBe(at(['answered', 'sent'], null))
    expect(at(['sent'], 1_000)).toBe(at(['sent'], 2_000))
    expect(at(['sent'], 1_000)).toContain('One moment')
  })

  it('tells the result with its check', () => {
    expect(announcementOf(improved(), null, 'Copied as Markdown')).toBe(
      'Copied as Markdown. Improved. All 22 numbers, 14 links and 3 code blocks match the page.',
    )
  })
})

describe('an own key', () => {
  it('suggests a small text model out of what the provider offers', () => {
    expect(suggestedModel(['whisper-large-v3', 'llama-3.3-70b-versatile', 'openai/gpt-oss-20b'])).toBe(
      'openai/gpt-oss-20b',
    )
    expect(suggestedModel(['text-embedding-3-small', 'gpt-5', 'gpt-5-mini', 'gpt-image-1'])).toBe('gpt-5-mini')
    expect(suggestedModel(['qwen3:latest'])).toBe('qwen3:latest')
    expect(suggestedModel(['whisper-1'])).toBe('')
  })

  it('says in words why an address will not do', () => {
    const custom = (baseUrl: string) => addressWords({ provider: 'custom', baseUrl, key: '', model: '' })
    expect(custom('http://localhost:11434/v1')).toBeNull()
    expect(custom('https://llm.example.org/v1')).toBeNull()
    expect(custom('')).toContain('http://localhost:11434/v1')
    expect(custom('http://llm.example.org/v1')).toContain('https://')
    expect(custom('https://me:secret@llm.example.org')).toContain('name and password')
  })
})
