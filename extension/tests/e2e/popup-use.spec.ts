/** Using the popup: keyboard first, what goes to the clipboard, what is asked of the background. The background is a scene. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import {
  ai,
  asking,
  captured,
  free,
  groqKey,
  improved,
  improvedWith,
  improving,
  JOB_KEY,
  kept,
  ready,
  SCENE_TIME,
  scene,
} from '../gallery/scenes'
import { clipboard, sentMessages, servePopup, showPopup as show, showShell, store, stored } from '../gallery/show'
import { expect, test } from '../gallery/stage'

const become = (page: Page, job: unknown) => store(page, 'session', JOB_KEY, job)
const preview = (page: Page) => page.getByRole('textbox', { name: /text, editable/i })
const lastSent = async (page: Page) => (await sentMessages(page)).at(-1)
const focusedName = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
const selection = (page: Page) =>
  preview(page).evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd))

test.describe('one press', () => {
  test('Enter on the freshly opened popup puts the page on the clipboard, citation included', async ({ page }) => {
    await show(page, scene(ready()))
    await page.keyboard.press('Enter')
    await expect(page.getByText('Copied as Markdown', { exact: true })).toBeVisible()
    const copied = await clipboard(page)
    expect(copied).toContain('> Source: <https://www.example.org/drinks/tea>')
    expect(copied).toContain(captured.page.markdown.slice(-80))
    await expect(page.getByRole('button', { name: 'Copy', exact: true })).toBeFocused()
  })

  test('pressed before the page was read, it copies as soon as it is', async ({ page }) => {
    await show(page, scene({ state: 'capturing', id: 'job-1' }))
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'Reading the page…' })).toBeFocused()
    await become(page, ready())
    await expect(page.getByText('Copied as Markdown', { exact: true })).toBeVisible()
  })

  test('never copies what was read before the popup was opened', async ({ page }) => {
    await show(page, scene(ready({ markdown: 'yesterday' }, { capturedAt: '2026-11-17T10:00:00.000Z' })))
    await page.keyboard.press('Enter')
    await become(page, ready({ markdown: 'today' }))
    await expect(preview(page)).toHaveValue(/today/)
    await expect.poll(() => clipboard(page)).toContain('today')
  })

  test('does not touch the clipboard for a page with next to no text', async ({ page }) => {
    await show(page, scene({ state: 'capturing', id: 'job-1' }))
    await page.evaluate(() => navigator.clipboard.writeText('precious'))
    await page.keyboard.press('Enter')
    await become(page, { ...ready({ markdown: 'Loading…' }), state: 'empty' })
    await expect(page.getByText('There is little text here.').first()).toBeVisible()
    expect(await clipboard(page)).toBe('precious')
    await page.getByRole('button', { name: 'Whole page' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'capture', tabId: 1, scope: 'whole' })
  })
})

test.describe('the static shell', () => {
  test('is there, with the action in focus, before any script has run', async ({ browser }) => {
    const context = await browser.newContext()
    await servePopup(context, { scripts: false })
    const page = await context.newPage()
    await showShell(page)
    await expect(page.getByRole('button', { name: 'Copy for prompt' })).toBeFocused()
    await expect(page.getByRole('radio', { name: 'Offline' })).toBeChecked()
    await expect(page.getByText('Nothing leaves this device')).toBeVisible()
    await context.close()
  })

  test('keeps a press that comes before the script, which then answers it', async ({ page }) => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/chunks/main-*.js', async (route) => {
      await held
      await route.fallback()
    })
    const isAskedFor = page.waitForRequest('**/chunks/main-*.js')
    const shown = show(page, scene(ready()))
    await isAskedFor
    await page.keyboard.press('Enter')
    release()
    await shown
    await expect(page.getByText(/Copied/).first()).toBeVisible()
    await page.unroute('**/chunks/main-*.js')
  })
})

test.describe('the mode', () => {
  test('is changed with the arrow keys and remembered', async ({ page }) => {
    await show(page, scene(ready()))
    await page.getByRole('radio', { name: 'Offline' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect(page.getByRole('radio', { name: 'AI' })).toBeChecked()
    await expect(page.getByText('149 free AI cleanups left')).toBeVisible()
    expect(await stored(page, 'local', 'settings')).toMatchObject({ mode: 'ai' })
    expect(await lastSent(page)).toEqual({ do: 'credits' })
  })
})

test.describe('AI Mode by keyboard', () => {
  test('goes from Enter over consent to the improved text on the clipboard', async ({ page }) => {
    await show(page, scene(ready(), ai))
    await page.keyboard.press('Enter')
    await expect.poll(() => lastSent(page)).toEqual({ do: 'improve', id: 'job-1' })
    await expect.poll(() => clipboard(page)).toContain('what happens to the leaves afterwards')

    await become(page, asking({ about: 'consent', via: free }))
    await expect(page.getByRole('region', { name: 'Before the first page is sent' })).toBeFocused()
    await page.keyboard.press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'improve', id: 'job-1' })
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(() => lastSent(page)).toEqual({ do: 'improve', id: 'job-1', consented: true })

    await become(page, improving({ parts: ['answered', 'sent'] }))
    await expect(page.getByText('part 2 of 2')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Copy', exact: true })).toBeFocused()
    await become(page, improved())
    await expect(page.getByText('Improved and copied', { exact: true })).toBeVisible()
    expect(await clipboard(page)).toContain('how the leaves are treated')
  })

  test('staying offline at the question turns AI Mode off', async ({ page }) => {
    await show(page, scene(asking({ about: 'consent', via: free }), ai))
    await page.getByRole('button', { name: 'Stay offline' }).press('Enter')
    await expect(page.getByRole('radio', { name: 'Offline' })).toBeChecked()
    expect(await sentMessages(page)).toContainEqual({ do: 'keep-offline', id: 'job-1' })
  })

  test('a long page is answered with all parts, the first, or none', async ({ page }) => {
    await show(page, scene(asking({ about: 'long-page', via: free, parts: 3, creditsLeft: 149 }), ai))
    await page.getByRole('button', { name: 'First part only' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'improve', id: 'job-1', which: 'first' })
    await page.getByRole('button', { name: 'Improve all' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'improve', id: 'job-1', which: 'all' })
  })

  test('shows the text while it is improved, and stops on Cancel', async ({ page }) => {
    await show(page, scene(improving({ markdown: 'half improved' }), ai))
    await expect(preview(page)).toHaveValue(/half improved/)
    await page.getByRole('button', { name: 'Cancel' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'cancel', id: 'job-1' })
  })

  test('counts the seconds while the server asks to wait, and goes on by itself', async ({ page }) => {
    await show(page, scene(improving({ parts: ['sent'], waitingUntilMs: SCENE_TIME.getTime() + 12_000 }), ai))
    await expect(page.getByText('Going on in 12 s')).toBeVisible()
    await page.clock.setFixedTime(SCENE_TIME.getTime() + 5_000)
    await expect(page.getByText('Going on in 7 s')).toBeVisible()
    await become(page, improving({ parts: ['sent'] }))
    await expect(page.getByText('Improving with AI…')).toBeVisible()
  })

  test('announces progress once, however many parts and seconds go by', async ({ page }) => {
    await show(page, scene(improving({ parts: ['sent', 'sent', 'sent'] }), ai))
    await page.evaluate(() => {
      const heard: string[] = []
      Object.assign(globalThis, { heard })
      const region = document.querySelector('[role=status]') as Element
      new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
        characterData: true,
        childList: true,
        subtree: true,
      })
    })
    await become(page, improving({ parts: ['answered', 'sent', 'sent'] }))
    await become(page, improving({ parts: ['answered', 'answered', 'sent'] }))
    await expect(page.getByText('part 3 of 3')).toBeVisible()
    await become(page, improved())
    await expect(page.getByText('Improved', { exact: true })).toBeVisible()
    const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
    expect(heard).toEqual(['Improved. All 22 numbers, 14 links and 3 code blocks match the page.'])
  })
})

test.describe('the text', () => {
  test('is copied as it was edited, and says when the clipboard is behind', async ({ page }) => {
    await show(page, scene(ready()))
    await page.keyboard.press('Enter')
    await preview(page).fill('My own words')
    await expect(page.getByText('Edited, not copied yet', { exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Copy', exact: true }).press('Enter')
    await expect(page.getByText('Copied as Markdown', { exact: true })).toBeVisible()
    expect(await clipboard(page)).toBe('My own words')
    await page.getByRole('button', { name: 'Undo my edits' }).press('Enter')
    await expect(preview(page)).toHaveValue(/Camellia/)
    await expect(page.getByText(/Kept 14 links/)).toBeVisible()
  })

  test('keeps an edit over a closed popup', async ({ page }) => {
    await show(page, scene(improved(), ai))
    await preview(page).fill('My own words')
    await expect.poll(() => stored(page, 'session', 'edits')).toBeTruthy()
    const edits = await stored(page, 'session', 'edits')
    const reopened = await page.context().newPage()
    await show(reopened, scene(improved(), { ...ai, session: { edits } }))
    await expect(preview(reopened)).toHaveValue('My own words')
  })

  test('edited while AI is at work is neither replaced nor overwritten on the clipboard', async ({ page }) => {
    await show(page, scene(ready(), ai))
    await page.keyboard.press('Enter')
    await become(page, improving({ parts: ['sent'] }))
    await preview(page).fill('My own words')
    await page.getByRole('button', { name: 'Copy', exact: true }).press('Enter')
    await become(page, improved())
    await expect(page.getByRole('group', { name: 'Which text' }).getByLabel('Offline')).toBeChecked()
    await expect(preview(page)).toHaveValue('My own words')
    await expect.poll(() => clipboard(page)).toBe('My own words')
    await page.getByRole('group', { name: 'Which text' }).getByLabel('AI').check()
    await expect(preview(page)).toHaveValue(/how the leaves are treated/)
  })

  test('goes to AI as it was edited, and what AI made of it is shown', async ({ page }) => {
    await show(page, scene(ready(), { ...ai, settings: { mode: 'ai', citation: 'none' } }))
    await page.keyboard.press('Enter')
    await preview(page).fill('My own words')
    await page.getByRole('button', { name: 'Improve with AI' }).press('Enter')
    await expect.poll(() => lastSent(page)).toEqual({ do: 'improve', id: 'job-1', edited: 'My own words' })
    await become(page, improved({ captured: { ...captured, edited: 'My own words' }, markdown: 'My words' }))
    await expect(preview(page)).toHaveValue('My words')
  })

  test('is saved under a name made from the page', async ({ page }) => {
    await show(page, scene(ready(), { settings: { fileName: '{date} {title}' } }))
    await page.keyboard.press('Enter')
    const started = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save .md' }).press('Enter')
    const download = await started
    expect(download.suggestedFilename()).toBe('2026-11-18 How tea is made.md')
    expect(await readFile(await download.path(), 'utf8')).toBe(await clipboard(page))
  })

  test('is copied as JSON with the facts of the page', async ({ page }) => {
    await show(page, scene(ready()))
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Copy as JSON' }).press('Enter')
    await expect(page.getByText('Copied as JSON', { exact: true })).toBeVisible()
    expect(JSON.parse(await clipboard(page))).toMatchObject({ title: 'How tea is made', url: captured.url })
  })

  test('asks whether it is the right part where that is in doubt', async ({ page }) => {
    await show(page, scene(ready({ confidence: 0.5 })))
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Narrower', exact: true }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'capture', tabId: 1, scope: 'narrower' })
    await become(page, ready({ confidence: 0.5, scope: 'narrower', markdown: 'Narrower text' }))
    await expect(preview(page)).toHaveValue(/Narrower text/)
    await page.getByRole('button', { name: 'Pick a part of the page' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'pick', tabId: 1 })
  })

  test('comes from another part of the page on request', async ({ page }) => {
    await show(page, scene(ready()))
    await page.keyboard.press('Enter')
    await page.getByLabel('Part of the page', { exact: true }).selectOption('Wider')
    expect(await lastSent(page)).toEqual({ do: 'capture', tabId: 1, scope: 'wider' })
    await become(page, { state: 'capturing', id: 'job-1' })
    await expect(preview(page)).toHaveValue(/Camellia/)
    await become(page, ready({ scope: 'wider', markdown: 'Wider text' }))
    await expect(preview(page)).toHaveValue(/Wider text/)
  })

  test('reads from right to left where the page does', async ({ page }) => {
    await show(page, scene(ready({ markdown: 'الشاي مشروب' }), { settings: { citation: 'none' } }))
    await page.keyboard.press('Enter')
    expect(await preview(page).evaluate((area) => getComputedStyle(area).direction)).toBe('rtl')
  })
})

test.describe('the check of an AI answer', () => {
  test('each finding selects its place in the text, below the citation', async ({ page }) => {
    await show(page, scene(improvedWith(), ai))
    await page.getByRole('button', { name: /^98/ }).press('Enter')
    expect(await selection(page)).toBe('98')
    await page.getByRole('button', { name: /museum/ }).press('Enter')
    expect(await selection(page)).toBe('https://tea.example.com/museum')
    await expect(preview(page)).toBeFocused()
  })

  test('brings a finding far down into sight', async ({ page }) => {
    const job = improvedWith() as Extract<ReturnType<typeof improvedWith>, { state: 'improved' }>
    const long = `${'A line of text.\n\n'.repeat(200)}${job.markdown}`
    const findings = job.verification.findings
      .filter(({ what }) => what === 'invented')
      .map((finding) => ({ ...finding, start: long.indexOf(finding.quote), end: 0 }))
    await show(page, scene({ ...job, markdown: long, verification: { ...job.verification, findings } }, ai))
    expect(await preview(page).evaluate((area) => area.scrollTop)).toBe(0)
    await page.getByRole('button', { name: /museum/ }).press('Enter')
    expect(await preview(page).evaluate((area) => area.scrollTop)).toBeGreaterThan(5_000)
  })

  test('shows what was lost in the offline text', async ({ page }) => {
    await show(page, scene(improvedWith(), ai))
    await page.getByRole('button', { name: /^100/ }).press('Enter')
    await expect(page.getByRole('group', { name: 'Which text' }).getByLabel('Offline')).toBeChecked()
    expect(await selection(page)).toBe('100')
  })

  test('praises no text that was edited since', async ({ page }) => {
    await show(page, scene(improved(), ai))
    const check = page.getByRole('region', { name: 'Check against the page' })
    await expect(check).toBeVisible()
    await preview(page).fill('Words of my own.')
    await expect(check).toBeHidden()
  })

  test('finds its place again after an edit above it', async ({ page }) => {
    await show(page, scene(improvedWith(), ai))
    const text = await preview(page).inputValue()
    await preview(page).fill(`A note of my own.\n\n${text}`)
    await page.getByRole('button', { name: /^98/ }).press('Enter')
    expect(await selection(page)).toBe('98')
  })
})

test.describe('problems', () => {
  test('used-up credits lead to the key, and a key that works leads back to the page', async ({ page }) => {
    const replies = {
      'key.models': { ok: true, models: ['openai/gpt-oss-20b', 'whisper-large-v3'] },
      'key.test': { ok: true, latencyMs: 420 },
      'key.save': null,
    }
    await show(page, scene(kept({ kind: 'no-credits' }), { ...ai, credits: 0, replies }))
    await page.getByRole('button', { name: 'Add my key' }).press('Enter')
    await expect(page.getByRole('heading', { name: 'Your key' })).toBeFocused()
    await page.getByLabel('Key', { exact: true }).fill('gsk_0123456789')
    await page.getByRole('button', { name: 'Test and save' }).press('Enter')
    await expect(page.getByText('Works, 420 ms').first()).toBeVisible()
    const connection = { provider: 'groq', baseUrl: null, key: 'gsk_0123456789' }
    expect((await sentMessages(page)).filter(({ do: what }) => String(what).startsWith('key.'))).toEqual([
      { do: 'key.list' },
      // Handed over before the browser's question, which may close the popup.
      { do: 'key.save', ...connection, model: '' },
      { do: 'key.models', ...connection },
      { do: 'key.test', ...connection, model: 'openai/gpt-oss-20b' },
      { do: 'key.save', ...connection, model: 'openai/gpt-oss-20b' },
      { do: 'key.list' },
    ])
    await page.getByRole('button', { name: 'Back' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'improve', id: 'job-1' })
  })

  test('Try again asks once more, Keep offline ends it', async ({ page }) => {
    await show(page, scene(kept({ kind: 'no-answer', cause: 'timeout' }), ai))
    await page.getByRole('button', { name: 'Try again' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'improve', id: 'job-1' })
    await page.getByRole('button', { name: 'Keep offline' }).press('Enter')
    expect(await lastSent(page)).toEqual({ do: 'keep-offline', id: 'job-1' })
    await become(page, ready())
    await expect(page.getByRole('button', { name: 'Improve with AI' })).toBeVisible()
  })
})

test.describe('your key', () => {
  const openKey = async (page: Page) => {
    await page.getByRole('button', { name: 'Settings' }).press('Enter')
    await page.getByRole('button', { name: /Add a key|Change my key/ }).press('Enter')
  }

  test('without the permission nothing is sent, and the reason is said', async ({ page }) => {
    await show(page, scene(ready(), { allows: false }))
    await openKey(page)
    await page.getByLabel('Key', { exact: true }).fill('gsk_0123456789')
    await page.getByRole('button', { name: 'Test and save' }).press('Enter')
    await expect(page.getByText('Chrome needs your permission to reach api.groq.com.').first()).toBeVisible()
    expect((await sentMessages(page)).map(({ do: what }) => what)).not.toContain('key.models')
  })

  test('is tried at the next opening when the question of the browser has closed the popup', async ({ page }) => {
    await show(page, scene(ready(), { allows: 'closes', replies: { 'key.save': null } }))
    await openKey(page)
    await page.getByLabel('Key', { exact: true }).fill('gsk_0123456789')
    await page.getByRole('button', { name: 'Test and save' }).press('Enter')
    await expect.poll(() => lastSent(page)).toMatchObject({ do: 'key.save', key: 'gsk_0123456789' })
    const asked = await stored(page, 'session', 'asked')
    expect(JSON.stringify(asked)).not.toContain('gsk_')

    const reopened = await page.context().newPage()
    const replies = {
      'key.list': [{ ...groqKey, model: '' }],
      'key.models': { ok: true, models: [groqKey.model] },
      'key.test': { ok: true, latencyMs: 420 },
      'key.save': null,
    }
    await show(reopened, scene(ready(), { has: ['https://api.groq.com/*'], session: { asked }, replies }))
    await expect(reopened.getByText('Works, 420 ms').first()).toBeVisible()
    expect(await sentMessages(reopened)).toContainEqual(expect.objectContaining({ do: 'key.test', key: null }))
    expect(await stored(reopened, 'session', 'asked')).toBeUndefined()
  })

  test('not allowed in the question that closed the popup, it says so at the next opening', async ({ page }) => {
    const session = { asked: { for: 'key', provider: 'groq' } }
    await show(page, scene(ready(), { session, replies: { 'key.list': [groqKey] } }))
    await expect(page.getByText('Chrome needs your permission to reach api.groq.com.').first()).toBeVisible()
    expect((await sentMessages(page)).map(({ do: what }) => what)).not.toContain('key.models')
  })

  test('shows a saved key masked, and replaces it only by what is pasted', async ({ page }) => {
    const replies = {
      'key.list': [groqKey],
      'key.models': { ok: true, models: [groqKey.model] },
      'key.test': { ok: true, latencyMs: 90 },
      'key.save': null,
    }
    await show(page, scene(ready(), { replies }))
    await openKey(page)
    const field = page.getByLabel('Key', { exact: true })
    await expect(field).toHaveAttribute('placeholder', 'gsk_••••3f2a')
    await page.getByRole('button', { name: 'Test and save' }).press('Enter')
    await expect(page.getByText('Works, 90 ms').first()).toBeVisible()
    expect(await sentMessages(page)).toContainEqual(expect.objectContaining({ do: 'key.test', key: null }))
    await field.fill('gsk_new')
    await page.getByRole('button', { name: 'Test and save' }).press('Enter')
    await expect
      .poll(() => sentMessages(page))
      .toContainEqual(expect.objectContaining({ do: 'key.save', key: 'gsk_new' }))
    await expect(field).toHaveValue('')
    await page.getByRole('button', { name: 'Remove key' }).press('Enter')
    expect(await sentMessages(page)).toContainEqual({ do: 'key.remove', provider: 'groq' })
  })

  test('asks for an encrypted address before anything is sent anywhere', async ({ page }) => {
    await show(page, scene(ready()))
    await openKey(page)
    await page.getByLabel('Provider').selectOption('custom')
    await page.getByLabel('Address').fill('http://llm.example.org/v1')
    await page.getByRole('button', { name: 'Test and save' }).press('Enter')
    await expect(page.getByText(/Use https:\/\/ here/).first()).toBeVisible()
    expect((await sentMessages(page)).map(({ do: what }) => what)).not.toContain('key.models')
  })
})

test.describe('settings', () => {
  test('are saved as they are changed, and the page is read again where that matters', async ({ page }) => {
    await show(page, scene(ready()))
    await page.getByRole('button', { name: 'Settings' }).press('Enter')
    await page.getByLabel('Citation').selectOption('YAML front matter')
    await expect.poll(() => stored(page, 'local', 'settings')).toMatchObject({ citation: 'frontmatter' })
    expect((await sentMessages(page)).map(({ do: what }) => what)).not.toContain('capture')
    await page.getByLabel('Links').selectOption('Text only')
    await expect.poll(() => stored(page, 'local', 'settings')).toMatchObject({ citation: 'frontmatter', links: 'text' })
    await expect.poll(() => lastSent(page)).toMatchObject({ do: 'capture' })
  })

  test('leave as a file without keys, come back from it, and are reset', async ({ page }) => {
    await show(page, scene(ready(), { settings: { images: 'none' }, replies: { 'key.list': [groqKey] } }))
    await page.getByRole('button', { name: 'Settings' }).press('Enter')
    const started = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).press('Enter')
    const exported = await readFile(await (await started).path(), 'utf8')
    expect(exported).toContain('"images": "none"')
    expect(exported).not.toMatch(/gsk_|key/i)

    await page.getByRole('button', { name: 'Reset' }).press('Enter')
    await expect(page.getByLabel('Images')).toHaveValue('keep')
    const file = page.locator('input[type=file]')
    await file.setInputFiles({ name: 'other.json', mimeType: 'application/json', buffer: Buffer.from('{}') })
    await expect(page.getByText('That file holds no PromptReady settings.').first()).toBeVisible()
    await file.setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(exported) })
    await expect(page.getByLabel('Images')).toHaveValue('none')
  })

  test('show the anonymous id, which is copied with a press', async ({ page }) => {
    await show(page, scene(ready()))
    await page.getByRole('button', { name: 'Settings' }).press('Enter')
    await page.getByRole('button', { name: 'Copy my anonymous id' }).press('Enter')
    await expect(page.getByText('Your anonymous id was copied.').first()).toBeVisible()
    expect(await clipboard(page)).toBe('0f5c1e62-9f1b-4c0e-8d43-6a7f21b0c955')
  })

  test('keeping credits asks for the permission at that press, and is off without it', async ({ page }) => {
    await show(page, scene(ready(), { allows: false, replies: { 'identity.keep': { kept: false } } }))
    await page.getByRole('button', { name: 'Settings' }).press('Enter')
    const box = page.getByRole('checkbox', { name: /Keep my credits/ })
    await box.press('Space')
    await expect(page.getByText('Without the permission').first()).toBeVisible()
    await expect(box).not.toBeChecked()
    expect(await sentMessages(page)).toContainEqual({ do: 'identity.keep', keep: false })
  })

  test('keeping credits goes on at the next opening when the question has closed the popup', async ({ page }) => {
    const session = { asked: { for: 'keep-credits' } }
    const replies = { 'identity.keep': { kept: true } }
    await show(page, scene(ready(), { session, has: ['identity.email'], replies }))
    await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
    expect(await sentMessages(page)).toContainEqual({ do: 'identity.keep', keep: true })
  })

  test('everything is deleted only after a second press, which is not the one in focus', async ({ page }) => {
    await show(page, scene(ready(), { replies: { 'delete-everything': null } }))
    await page.getByRole('button', { name: 'Settings' }).press('Enter')
    await page.getByRole('button', { name: 'Delete everything on this device' }).press('Enter')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focusedName(page)).toBe('Keep everything')
    expect((await sentMessages(page)).map(({ do: what }) => what)).not.toContain('delete-everything')
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter')
    expect(await sentMessages(page)).toContainEqual({ do: 'delete-everything' })
    await expect(page.getByText('Everything on this device was deleted.').first()).toBeVisible()
    await expect(page.getByRole('button', { name: 'Delete everything on this device' })).toBeFocused()
  })
})
