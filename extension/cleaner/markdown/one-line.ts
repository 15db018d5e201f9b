/** Blocks where Markdown has room for one line alone: in a heading, a term, a cell. */

import { type Block, isVisible, NO_MARKS, type Run } from './blocks'

/** The same content as runs, its blocks apart by a space or a line break. */
export function oneLine(blocks: readonly Block[], between: 'space' | 'break'): Run[] {
  const out: Run[] = []
  const separate = (): void => {
    if (out.length > 0)
      out.push(between === 'break' ? { kind: 'break', marks: NO_MARKS } : { kind: 'text', text: ' ', marks: NO_MARKS })
  }
  for (const block of blocks) {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        separate()
        out.push(...block.runs)
        break
      case 'code':
        for (const line of block.text.split('\n')) {
          separate()
          if (line.trim() !== '') out.push({ kind: 'code', text: line, marks: NO_MARKS })
        }
        break
      case 'math':
        separate()
        out.push({ kind: 'math', tex: block.tex.split('\n').join(' '), marks: NO_MARKS })
        break
      case 'quote':
      case 'note':
        separate()
        out.push(...oneLine(block.blocks, between))
        break
      case 'list':
        block.items.forEach((item, index) => {
          separate()
          if (between === 'break')
            out.push({ kind: 'text', text: block.ordered ? `${block.start + index}. ` : '• ', marks: NO_MARKS })
          out.push(...oneLine(item.blocks, between))
        })
        break
      case 'table':
        for (const row of block.rows) {
          if (!row.some((cell) => cell.some(isVisible))) continue
          separate()
          row.forEach((cell, index) => {
            if (index > 0) out.push({ kind: 'text', text: ' / ', marks: NO_MARKS })
            out.push(...cell)
          })
        }
        break
      case 'rule':
        break
    }
  }
  return out
}

/** The words of some runs, without any of their marks. */
export function textOf(runs: readonly Run[]): string {
  return runs
    .map((run) => (run.kind === 'text' || run.kind === 'code' ? run.text : ''))
    .join('')
    .trim()
}
