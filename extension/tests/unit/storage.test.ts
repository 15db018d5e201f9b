import { beforeEach, describe, expect, it } from 'vitest'
import { fakeBrowser } from 'wxt/testing'
import { saveKey } from '../../ai/keys'
import { DEFAULT_SETTINGS, exportSettings, importSettings, jobs, resetSettings, settings } from '../../storage'

beforeEach(() => fakeBrowser.reset())

describe('settings', () => {
  it('are the defaults at first, Offline Mode among them', async () => {
    expect(await settings.get()).toEqual(DEFAULT_SETTINGS)
    expect(DEFAULT_SETTINGS.mode).toBe('offline')
  })

  it('keep what is good of what an older version wrote', async () => {
    await fakeBrowser.storage.local.set({ settings: { mode: 'ai', citation: 'footnote', gone: 1 } })
    expect(await settings.get()).toEqual({ ...DEFAULT_SETTINGS, mode: 'ai' })
  })

  it.each([null, 'x', 3, []])('survive %o in their place', async (stored) => {
    await fakeBrowser.storage.local.set({ settings: stored })
    expect(await settings.get()).toEqual(DEFAULT_SETTINGS)
  })

  it('go out and come back', async () => {
    await settings.set({ ...DEFAULT_SETTINGS, images: 'none', fileName: '{date} {title}' })
    const text = await exportSettings()
    await resetSettings()
    expect(await settings.get()).toEqual(DEFAULT_SETTINGS)
    expect(await importSettings(text)).toBe(true)
    expect(await settings.get()).toMatchObject({ images: 'none', fileName: '{date} {title}' })
  })

  it('go out without keys and ids', async () => {
    await saveKey({ provider: 'groq', baseUrl: 'https://api.groq.com/openai/v1', key: 'gsk_secret', model: 'm' })
    await fakeBrowser.storage.sync.set({ userId: 'user-secret' })
    expect(await exportSettings()).not.toContain('secret')
  })

  it.each(['', '{', '[]', '{"settings":{"mode":"ai"}}', '{"promptready":"keys","settings":{}}'])(
    'stay as they are when %o is imported',
    async (text) => {
      expect(await importSettings(text)).toBe(false)
      expect(await settings.get()).toEqual(DEFAULT_SETTINGS)
    },
  )
})

it('keeps pages in memory only', async () => {
  await jobs.put({ state: 'capturing', id: 'https://example.org/?a=job:b' })
  expect(await jobs.ids()).toEqual(['https://example.org/?a=job:b'])
  expect(await fakeBrowser.storage.local.get()).toEqual({})
  await jobs.remove('https://example.org/?a=job:b')
  expect(await jobs.ids()).toEqual([])
})
