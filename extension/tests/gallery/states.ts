/** What people see, by name: a scene and the presses that lead there. Tests walk through all of them; some become pictures. */
import type { Page } from '@playwright/test'
import type { Scene } from './fake-chrome'
import {
  ai,
  asking,
  captured,
  free,
  groqKey,
  improved,
  improvedWith,
  improving,
  kept,
  own,
  ready,
  SCENE_TIME,
  scene,
  unreadable,
} from './scenes'

interface State {
  scene: Scene
  act?: (page: Page) => Promise<void>
}

const pressed = async (page: Page) => {
  await page.getByRole('button', { name: 'Copy for prompt' }).click()
  await page.getByText('Copied as Markdown').first().waitFor()
}
const settings = async (page: Page) => {
  await page.getByRole('button', { name: 'Settings' }).click()
}
const key = async (page: Page) => {
  await settings(page)
  await page.getByRole('button', { name: /Add a key|Change my key/ }).click()
}
const tested = async (page: Page) => {
  await key(page)
  await page.getByLabel('Key', { exact: true }).fill('gsk_0123456789abcdef')
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page
    .getByText(/Works|accept/)
    .first()
    .waitFor()
}

const longTitle =
  'Über die Zubereitung von Tee unter besonderer Berücksichtigung der Donaudampfschifffahrtsgesellschaftskapitänskajütenteekanne und ihrer Geschichte'
const arabic = `الشاي مشروب يُحضَّر من أوراق نبات الكاميليا الصينية.\n\n- ماء نقي\n- غرامان من الأوراق لكل 100 مل\n`

export const STATES: Record<string, State> = {
  'start-offline': { scene: scene(ready()) },
  'start-ai': { scene: scene(ready(), ai) },
  'start-own-key': {
    scene: scene(ready(), { ...ai, settings: { mode: 'ai', aiSource: 'own-key' }, replies: { 'key.list': [groqKey] } }),
  },
  'start-no-credits': { scene: scene(ready(), { ...ai, credits: 0 }) },
  'start-selection': { scene: scene(ready({ scope: 'selection' }, { selectionWords: 214 })) },
  'start-reading': { scene: scene({ state: 'capturing', id: 'job-1' }) },
  'start-long-title': {
    scene: {
      ...scene(ready()),
      tab: { title: longTitle, url: 'https://a-very-long-host-name.of-a-museum.example.org/' },
      ...opened(longTitle),
    },
  },
  'start-after-failed-shortcut': {
    scene: scene(ready(), {
      replies: {
        open: {
          id: 'job-1',
          title: 'How tea is made',
          url: captured.url,
          notice: { kind: 'no-selection', title: 'Coffee', atMs: 0 },
        },
      },
    }),
  },
  'start-picked': { scene: scene(ready({ scope: 'element', confidence: null })) },
  doubtful: { scene: scene(ready({ confidence: 0.61 })), act: pressed },
  copied: { scene: scene(ready()), act: pressed },
  'copied-right-to-left': {
    scene: scene(
      ready({ markdown: arabic, counts: { words: 14, links: 0, codeBlocks: 0, tables: 0, images: 0, headings: 0 } }),
      { settings: { citation: 'none' }, tab: { title: 'كيف يُصنع الشاي', url: 'https://ar.example.org/' }, ...rtl() },
    ),
    act: pressed,
  },
  empty: {
    scene: scene({
      state: 'empty',
      id: 'job-1',
      captured: {
        ...captured,
        page: {
          ...captured.page,
          markdown: 'Loading…',
          counts: { words: 1, links: 0, codeBlocks: 0, tables: 0, images: 0, headings: 0 },
        },
      },
    }),
  },
  consent: { scene: scene(asking({ about: 'consent', via: free }), ai) },
  'consent-own-key': { scene: scene(asking({ about: 'consent', via: own }), ai) },
  'looks-private': {
    scene: scene(asking({ about: 'private', via: free, found: { email: 2, phone: 0, card: 1, key: 0 } }), ai),
  },
  'long-page': { scene: scene(asking({ about: 'long-page', via: free, parts: 3, creditsLeft: 149 }), ai) },
  'long-page-few-credits': { scene: scene(asking({ about: 'long-page', via: free, parts: 3, creditsLeft: 2 }), ai) },
  improving: { scene: scene(improving(), ai) },
  'improving-one-part': { scene: scene(improving({ parts: ['sent'] }), ai) },
  'improving-waiting': {
    scene: scene(improving({ parts: ['sent'], waitingUntilMs: SCENE_TIME.getTime() + 12_000 }), ai),
  },
  'improved-clean': { scene: scene(improved(), ai) },
  'improved-with-findings': { scene: scene(improvedWith(), ai) },
  'improved-finding-shown': {
    scene: scene(improvedWith(), ai),
    act: (page) => page.getByRole('button', { name: /museum/ }).click(),
  },
  'improved-in-part': {
    scene: scene(
      improved({ parts: ['answered', 'offline', 'offline'], problem: { kind: 'no-answer', cause: 'timeout' } }),
      ai,
    ),
  },
  'improved-first-part': { scene: scene(improved({ parts: ['answered', 'skipped', 'skipped'] }), ai) },
  'no-credits': { scene: scene(kept({ kind: 'no-credits' }), { ...ai, credits: 0 }) },
  'at-capacity': { scene: scene(kept({ kind: 'at-capacity', untilMs: Date.UTC(2026, 10, 23) }), ai) },
  offline: { scene: scene(kept({ kind: 'no-answer', cause: 'no-network' }), ai) },
  timeout: { scene: scene(kept({ kind: 'no-answer', cause: 'timeout' }), ai) },
  unavailable: { scene: scene(kept({ kind: 'no-answer', cause: 'unavailable' }), ai) },
  'too-large': { scene: scene(kept({ kind: 'too-large' }), ai) },
  stopped: { scene: scene(kept({ kind: 'stopped' }), ai) },
  cancelled: { scene: scene(kept({ kind: 'cancelled' }), ai) },
  'key-rejected': { scene: scene(kept({ kind: 'key', cause: 'rejected', host: 'api.groq.com' }, own), ai) },
  'key-unreachable': { scene: scene(kept({ kind: 'key', cause: 'unreachable', host: 'localhost:11434' }, own), ai) },
  'unreadable-browser-page': { scene: scene(unreadable('browser-page')) },
  'unreadable-pdf': { scene: scene(unreadable('pdf')) },
  failed: { scene: scene(null, { replies: { open: 'fails' } }) },
  'key-new': { scene: scene(ready()), act: key },
  'key-works': {
    scene: scene(ready(), {
      settings: { aiSource: 'own-key' },
      replies: {
        'key.models': { ok: true, models: ['llama-3.3-70b-versatile', 'openai/gpt-oss-20b', 'whisper-large-v3'] },
        'key.test': { ok: true, latencyMs: 420 },
        'key.save': null,
        'key.list': [groqKey],
      },
    }),
    act: tested,
  },
  'key-refused': {
    scene: scene(ready(), { replies: { 'key.models': { ok: false, problem: 'rejected' } } }),
    act: tested,
  },
  'key-custom': {
    scene: scene(ready()),
    act: async (page) => {
      await key(page)
      await page.getByLabel('Provider').selectOption('custom')
      await page.getByLabel('Address').fill('http://localhost:11434/v1')
    },
  },
  settings: { scene: scene(ready(), { replies: { 'key.list': [groqKey] } }), act: settings },
  'settings-delete': {
    scene: scene(ready()),
    act: async (page) => {
      await settings(page)
      await page.getByRole('button', { name: 'Delete everything on this device' }).click()
    },
  },
}

function opened(title: string): Partial<Scene> {
  return {
    replies: {
      open: { id: 'job-1', title, url: 'https://a-very-long-host-name.of-a-museum.example.org/', notice: null },
      'key.list': [],
    },
  }
}

function rtl(): Partial<Scene> {
  return { replies: { open: { id: 'job-1', title: 'كيف يُصنع الشاي', url: 'https://ar.example.org/', notice: null } } }
}
