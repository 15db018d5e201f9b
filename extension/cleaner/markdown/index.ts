/** The content of a page as Markdown (CommonMark with GFM's tables, tasks, strikethrough and notes), as plain text, and counted. */

import type { Addresses } from './addresses'
import { type Block, linkOf, runLists } from './blocks'
import { type ReadOptions, read } from './read'
import { withoutSpare } from './spare'
import { plainText } from './text'
import { write } from './write'

export { Addresses, baseAddress } from './addresses'

export interface Counts {
  readonly words: number
  readonly links: number
  readonly codeBlocks: number
  readonly tables: number
  readonly images: number
  readonly headings: number
}

export interface Rendering {
  readonly markdown: string
  readonly text: string
  readonly counts: Counts
}

export function render(root: Element, addresses: Addresses, options: ReadOptions): Rendering {
  const blocks = withoutSpare(read(root, addresses, options))
  const text = plainText(blocks)
  return { markdown: write(blocks), text, counts: count(blocks, text) }
}

function count(blocks: readonly Block[], text: string): Counts {
  const links = new Set<object>()
  let images = 0
  for (const runs of runLists(blocks)) {
    for (const run of runs) {
      const link = linkOf(run.marks)
      if (link) links.add(link)
      if (run.kind === 'image') images++
    }
  }
  return {
    words: countWords(text),
    links: links.size,
    codeBlocks: countKind(blocks, 'code'),
    tables: countKind(blocks, 'table'),
    images,
    headings: countKind(blocks, 'heading'),
  }
}

function countKind(blocks: readonly Block[], kind: Block['kind']): number {
  let total = 0
  for (const block of blocks) {
    if (block.kind === kind) total++
    if (block.kind === 'quote' || block.kind === 'note') total += countKind(block.blocks, kind)
    if (block.kind === 'list') for (const item of block.items) total += countKind(item.blocks, kind)
  }
  return total
}

/** Words between spaces; scripts written without spaces count by character, as word processors do. */
function countWords(text: string): number {
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’.,-]*/gu) ?? []
  if (!UNSPACED.test(text)) return words.length
  const unspaced = text.match(new RegExp(UNSPACED, 'gu')) ?? []
  return unspaced.length + words.filter((word) => !UNSPACED.test(word)).length
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u
