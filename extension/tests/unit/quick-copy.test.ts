import { beforeEach, describe, expect, it } from 'vitest'
import type { CleanOptions } from '../../cleaner'
import type { Notice } from '../../messages'
import type { Read } from '../../orchestrator'
import { type Asked, quickCopy } from '../../quick-copy'
import { unreadableReason } from '../../reader'
import { DEFAULT_SETTINGS } from '../../storage'
import { pageOf } from './page'

const ASKED: Asked = {
  tabId: 1,
  title: 'Tea',
  url: 'https://example.org/',
  what: 'page',
  frameId: 0,
  selectionText: '',
}
let read: Read
let isCopied: boolean
let copied: string[]
let badges: string[]
let notices: Notice[]
let options: [CleanOptions, number][]

beforeEach(() => {
  read = { kind: 'page', url: 'https://example.org/', selectionWords: 0, page: pageOf('Hot water.') }
  isCopied = true
  copied = []
  badges = []
  notices = []
  options = []
})

const copy = (asked: Partial<Asked> = {}) =>
  quickCopy(
    { ...ASKED, ...asked },
    {
      read: async (_, cleanOptions, frameId) => {
        options.push([cleanOptions, frameId])
        return read
      },
      copy: async (text) => {
        copied.push(text)
        return isCopied
      },
      settings: async () => ({ ...DEFAULT_SETTINGS, citation: 'none', images: 'none' }),
      showBadge: async (_, badge) => void badges.push(badge),
      leaveNotice: async (notice) => void notices.push(notice),
      nowMs: () => 7,
    },
  )

describe('a copy without the popup', () => {
  it('copies the page by the settings and shows it', async () => {
    await copy()
    expect(copied).toEqual(['Hot water.'])
    expect(badges).toEqual(['done'])
    expect(notices).toEqual([])
    expect(options).toEqual([[{ scope: 'auto', links: 'keep', images: 'none' }, 0]])
  })

  it('takes the selection if there is one, when asked for either', async () => {
    await copy({ what: 'either' })
    expect(options[0]?.[0].scope).toBeUndefined()
  })

  it('reads a selection in the frame it was made in', async () => {
    await copy({ what: 'selection', frameId: 4 })
    expect(options).toMatchObject([[{ scope: 'selection' }, 4]])
  })

  it('takes what the browser knows of a selection in a frame that cannot be read', async () => {
    read = { kind: 'unreadable', reason: 'refused' }
    await copy({ what: 'selection', frameId: 4, selectionText: 'Plain words' })
    expect(copied).toEqual(['Plain words'])
  })

  it.each<[string, Read, Partial<Asked>, boolean, Notice['kind']]>([
    ['a page that cannot be read', { kind: 'unreadable', reason: 'store' }, {}, true, 'unreadable'],
    [
      'a clipboard that refuses',
      { kind: 'page', url: 'u', selectionWords: 0, page: pageOf('x') },
      {},
      false,
      'not-copied',
    ],
    [
      'nothing selected',
      { kind: 'page', url: 'u', selectionWords: 0, page: pageOf('') },
      { what: 'selection' },
      true,
      'no-selection',
    ],
  ])('leaves a note about %s', async (_, given, asked, canCopy, kind) => {
    read = given
    isCopied = canCopy
    await copy(asked)
    expect(badges).toEqual(['failed'])
    expect(notices).toEqual([{ kind, title: 'Tea', atMs: 7 }])
  })
})

// What Chromium 156 says, and what it says it about.
it.each([
  ['chrome://version/', 'Cannot access a chrome:// URL', 'browser-page'],
  [undefined, 'Cannot access a chrome:// URL', 'browser-page'],
  [
    'chrome-extension://abc/options.html',
    'Cannot access a chrome-extension:// URL of different extension',
    'browser-page',
  ],
  ['devtools://devtools/bundled/x.html', 'Cannot access contents of url', 'browser-page'],
  ['https://chromewebstore.google.com/detail/x', 'The extensions gallery cannot be scripted.', 'store'],
  ['https://addons.mozilla.org/firefox/', 'Missing host permission for the tab', 'store'],
  ['file:///home/x.html', 'Cannot access contents of url "file:///home/x.html".', 'file'],
  ['https://example.org/', 'Frame with ID 0 was removed.', 'gone'],
  ['https://example.org/', 'No tab with id: 3', 'gone'],
  ['https://example.org/about:us', 'Cannot access contents of the page.', 'refused'],
  ['https://example.org/', 'This page cannot be scripted due to an ExtensionsSettings policy.', 'refused'],
  ['https://example.org/', 'Frame with ID 0 is showing error page', 'refused'],
])('takes %s with "%s" for %s', (url, message, reason) =>
  expect(unreadableReason(url, `Error: ${message}`)).toBe(reason),
)
