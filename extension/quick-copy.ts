/** One press without the popup: read the page or the selection offline, copy it, and say so with a badge. */
import type { CleanOptions } from './cleaner'
import { type Citable, cite } from './cleaner/citation'
import type { Notice } from './messages'
import type { Read } from './orchestrator'
import type { Settings } from './storage'

export interface QuickCopyDeps {
  read(tabId: number, options: CleanOptions, frameId: number): Promise<Read>
  copy(text: string): Promise<boolean>
  settings(): Promise<Settings>
  showBadge(tabId: number, badge: 'done' | 'failed'): Promise<void>
  leaveNotice(notice: Notice): Promise<void>
  nowMs(): number
}

export interface Asked {
  tabId: number
  title: string
  url: string
  /** 'either' is the selection if there is one. */
  what: 'page' | 'selection' | 'either'
  frameId: number
  /** What the browser itself knows of the selection: all there is of a frame from elsewhere. */
  selectionText: string
}

const SCOPES = { page: { scope: 'auto' }, selection: { scope: 'selection' }, either: {} } as const

export async function quickCopy(asked: Asked, deps: QuickCopyDeps): Promise<void> {
  const problem = await copied(asked, deps)
  if (problem !== null) await deps.leaveNotice({ kind: problem, title: asked.title, atMs: deps.nowMs() })
  await deps.showBadge(asked.tabId, problem === null ? 'done' : 'failed')
}

async function copied(asked: Asked, deps: QuickCopyDeps): Promise<Notice['kind'] | null> {
  const { citation, links, images } = await deps.settings()
  const read = await deps.read(asked.tabId, { ...SCOPES[asked.what], links, images }, asked.frameId)
  const page = read.kind === 'page' ? read.page : plainSelection(asked)
  if (page === null) return 'unreadable'
  if (page.markdown.trim() === '') return asked.what === 'selection' ? 'no-selection' : 'unreadable'
  const url = read.kind === 'page' ? read.url : asked.url
  return (await deps.copy(cite(page, citation, url, new Date(deps.nowMs())))) ? null : 'not-copied'
}

function plainSelection({ selectionText, title }: Asked): Citable | null {
  if (selectionText === '') return null
  const unknown = { author: null, publishedAt: null, modifiedAt: null, site: null, canonicalUrl: null, language: null }
  return { markdown: selectionText, metadata: { ...unknown, title, direction: 'ltr' } }
}
