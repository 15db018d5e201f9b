/** A whole card inside one anchor: linked once, for Markdown cannot link what holds several blocks. */

import { type Block, isVisible, type Link, type Run, runLists } from './blocks'

/**
 * Leaves the link where it says most, the first heading or else the first words, and takes it off everything else.
 *
 * @param blocks what the anchor holds; their runs are changed
 * @param unfinished runs of the paragraph that is still being read, changed as well
 */
export function linkOnce(blocks: readonly Block[], unfinished: Run[], link: Link): void {
  const isLinked = (runs: readonly Run[]): boolean =>
    runs.some((run) => run.marks.includes(link) && run.kind !== 'image' && isVisible(run))
  const headings = blocks.flatMap((block) => (block.kind === 'heading' ? [block.runs] : []))
  const lists = [...runLists(blocks), unfinished]
  const keeper = headings.find(isLinked) ?? lists.find(isLinked)
  for (const runs of lists) {
    if (runs === keeper) continue
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i] as Run
      if (run.marks.includes(link)) runs[i] = { ...run, marks: run.marks.filter((mark) => mark !== link) }
    }
  }
}
