/** Blocks → the words alone, one block to a line: what is counted, compared and shown where Markdown cannot be. */

import type { Block, Run } from './blocks'
import { tidy } from './runs'

export function plainText(blocks: readonly Block[]): string {
  const lines: string[] = []
  collect(blocks, lines)
  return lines.join('\n')
}

function collect(blocks: readonly Block[], lines: string[]): void {
  for (const block of blocks) {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        lines.push(runText(block.runs))
        break
      case 'code':
        lines.push(block.text)
        break
      case 'math':
        lines.push(block.tex)
        break
      case 'list':
        for (const item of block.items) collect(item.blocks, lines)
        break
      case 'table':
        for (const row of block.rows) {
          const line = row.map(runText).join('\t').trim()
          if (line !== '') lines.push(line)
        }
        break
      case 'quote':
      case 'note':
        collect(block.blocks, lines)
        break
      case 'rule':
        break
    }
  }
}

function runText(runs: readonly Run[]): string {
  let out = ''
  for (const run of tidy(runs)) {
    if (run.kind === 'text' || run.kind === 'code') out += run.text
    else if (run.kind === 'math') out += run.tex
    else if (run.kind === 'break') out += '\n'
  }
  return out
}
