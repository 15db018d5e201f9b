/** The cleaner and the two libraries most tools are built on, behind one interface: same page, same DOM, same clock. */
import { Readability } from '@mozilla/readability'
import { Defuddle } from 'defuddle/node'
import TurndownService from 'turndown'
import { gfm } from 'turndown-plugin-gfm'
import { clean } from '../cleaner'
import { parseDocument } from './dom'

export const TOOLS = ['PromptReady', 'Readability + Turndown', 'Defuddle'] as const
export type Tool = (typeof TOOLS)[number]

export interface ToolOutput {
  readonly markdown: string
  readonly title: string | null
  readonly author: string | null
  /** As the tool gives it. */
  readonly published: string | null
  /** Null from tools that do not say. */
  readonly address: string | null
  /** From the parsed document to the finished Markdown; parsing is the same for all and not counted. */
  readonly ms: number
}

export async function run(tool: Tool, html: string, url: string): Promise<ToolOutput> {
  const document = parseDocument(html)
  addBase(document, url)
  const start = performance.now()
  try {
    const output = await RUN[tool](document, url)
    return { ...output, ms: performance.now() - start }
  } catch {
    // A page a tool fails on is an empty result for it, as it would be for its user.
    return { markdown: '', title: null, author: null, published: null, address: null, ms: performance.now() - start }
  }
}

type Run = (document: Document, url: string) => Promise<Omit<ToolOutput, 'ms'>>

const RUN: Record<Tool, Run> = {
  PromptReady: async (document, url) => {
    const { markdown, metadata } = clean(document, url)
    const { title, author, publishedAt, canonicalUrl } = metadata
    return { markdown, title, author, published: publishedAt, address: canonicalUrl ?? url }
  },
  'Readability + Turndown': async (document) => {
    const article = new Readability(document).parse()
    const turndown = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' })
    turndown.use(gfm)
    return {
      markdown: turndown.turndown(article?.content ?? ''),
      title: article?.title ?? null,
      author: article?.byline ?? null,
      published: article?.publishedTime ?? null,
      address: null,
    }
  },
  Defuddle: async (document, url) => {
    const result = await Defuddle(document, url, { markdown: true, useAsync: false })
    const { content, title, author, published } = result
    return { markdown: content, title, author, published, address: null }
  },
}

/** A file has no address of its own; a page opened in a browser has. */
function addBase(document: Document, url: string): void {
  if (document.querySelector('base[href]')) return
  const base = document.createElement('base')
  base.setAttribute('href', url)
  document.head?.prepend(base)
}
