/**
 * What a reader would not miss: a picture shown before, a heading said twice in a row, a rule with nothing on one side. Pages have
 * them for layouts (carousels, headings for small screens) that Markdown does not have.
 */

import type { Block, Run } from './blocks'
import { isVisible } from './blocks'

/** @returns the same blocks without them; tables stay as they are, since the same mark in every row is data there */
export function withoutSpare(blocks: readonly Block[]): Block[] {
  return trimRules(dropRepeated(blocks, new Set()))
}

function dropRepeated(blocks: readonly Block[], shown: Set<string>): Block[] {
  const kept: Block[] = []
  for (const block of blocks) {
    const before = kept.at(-1)
    if (block.kind === 'paragraph' && !showsSomethingNew(block, shown)) continue
    if (block.kind === 'heading' && before?.kind === 'heading' && isSaidBy(block.runs, before.runs)) continue
    if (block.kind === 'rule' && before?.kind === 'rule') continue
    if (block.kind === 'list') {
      const items = block.items.map((item) => ({ ...item, blocks: dropRepeated(item.blocks, shown) }))
      const full = items.filter((item) => item.blocks.length > 0)
      if (full.length > 0) kept.push({ ...block, items: full })
    } else if (block.kind === 'quote') {
      const inner = dropRepeated(block.blocks, shown)
      if (inner.length > 0) kept.push({ ...block, blocks: inner })
    } else kept.push(block)
  }
  return kept
}

/** Whether a paragraph has text, or a picture that was not shown yet. Notes down the pictures it shows. */
function showsSomethingNew(block: Block & { kind: 'paragraph' }, shown: Set<string>): boolean {
  let isNew = false
  const fresh = block.runs.filter((run) => {
    if (run.kind !== 'image') {
      isNew ||= isVisible(run)
      return true
    }
    const isFirst = !shown.has(identity(run))
    shown.add(identity(run))
    isNew ||= isFirst
    return isFirst
  })
  // Inside a sentence the same picture may be a word of it.
  const isPicturesAlone = !block.runs.some((run) => run.kind !== 'image' && isVisible(run))
  if (isPicturesAlone) block.runs = fresh
  return isNew
}

/** Two sizes of a picture differ in their query alone, and share what they are called. */
function identity(run: Run & { kind: 'image' }): string {
  return run.alt === '' ? run.url : `${run.url.split('?')[0]} ${run.alt}`
}

function isSaidBy(runs: readonly Run[], before: readonly Run[]): boolean {
  const words = (list: readonly Run[]): string => list.map((run) => ('text' in run ? run.text : run.kind)).join('')
  return words(runs) === words(before)
}

/** A rule parts what is above it from what is below. */
function trimRules(blocks: readonly Block[]): Block[] {
  const first = blocks.findIndex((block) => block.kind !== 'rule')
  const last = blocks.findLastIndex((block) => block.kind !== 'rule')
  return blocks.slice(first < 0 ? blocks.length : first, last + 1)
}
