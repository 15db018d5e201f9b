/** Blocks → Markdown, in one pass: every line is written once, with the prefix of the containers it is in. */

import type { Block, Item, Run } from './blocks'
import { longestRun, writeRuns } from './inline'

export function write(blocks: readonly Block[]): string {
  const writer = new Writer()
  writer.blocks(blocks)
  return writer.text()
}

class Writer {
  private readonly lines: string[] = []
  /** What every further line of the open containers begins with, and what the next line alone begins with instead. */
  private prefix = ''
  private firstPrefix: string | null = null

  text(): string {
    return this.lines.length === 0 ? '' : `${this.lines.join('\n')}\n`
  }

  blocks(blocks: readonly Block[], isTight = false): void {
    let previous: Block | undefined
    let alternate = false
    for (const block of blocks) {
      if (previous && !(isTight && block.kind === 'list')) this.line('')
      // Two lists in a row would be one; another marker keeps them apart.
      alternate = previous?.kind === 'list' && block.kind === 'list' && previous.ordered === block.ordered && !alternate
      this.block(block, alternate)
      previous = block
    }
  }

  private block(block: Block, alternate: boolean): void {
    switch (block.kind) {
      case 'paragraph':
        this.text_(writeRuns(block.runs, 'paragraph'))
        break
      case 'heading':
        this.line(`${'#'.repeat(block.level)} ${writeRuns(block.runs, 'heading')}`)
        break
      case 'code':
        this.code(block.text, block.language)
        break
      case 'math':
        this.text_(`$$\n${block.tex}\n$$`)
        break
      case 'rule':
        this.line('---')
        break
      case 'quote':
        this.inside('> ', '> ', () => this.blocks(block.blocks))
        break
      case 'list':
        this.list(block.items, block.ordered, block.start, alternate)
        break
      case 'table':
        this.table(block.rows)
        break
      case 'note':
        this.inside(`[^${block.label}]: `, '    ', () => this.blocks(block.blocks))
        break
    }
  }

  private list(items: readonly Item[], ordered: boolean, start: number, alternate: boolean): void {
    const isTight = items.every((item) => isCompact(item.blocks))
    items.forEach((item, index) => {
      if (index > 0 && !isTight) this.line('')
      const marker = ordered ? `${start + index}${alternate ? ')' : '.'} ` : alternate ? '* ' : '- '
      const task = item.checked === null ? '' : item.checked ? '[x] ' : '[ ] '
      this.inside(marker + task, ' '.repeat(marker.length), () => this.blocks(item.blocks, isTight))
    })
  }

  private table(rows: readonly Run[][][]): void {
    rows.forEach((row, index) => {
      this.line(`| ${row.map((cell) => writeRuns(cell, 'cell')).join(' | ')} |`)
      if (index === 0) this.line(`| ${row.map(() => '---').join(' | ')} |`)
    })
  }

  private code(text: string, language: string): void {
    const fence = '`'.repeat(Math.max(3, longestRun(text, '`') + 1))
    this.line(fence + language)
    for (const line of text.split('\n')) this.line(line)
    this.line(fence)
  }

  private text_(text: string): void {
    for (const line of text.split('\n')) this.line(line)
  }

  private inside(first: string, rest: string, body: () => void): void {
    const outer = this.prefix
    this.firstPrefix = (this.firstPrefix ?? outer) + first
    this.prefix = outer + rest
    body()
    if (this.firstPrefix !== null) this.line('')
    this.prefix = outer
  }

  private line(text: string): void {
    const prefix = this.firstPrefix ?? this.prefix
    this.firstPrefix = null
    this.lines.push(text === '' ? prefix.trimEnd() : prefix + text)
  }
}

/** An item of one paragraph, perhaps with lists under it, needs no blank lines. */
function isCompact(blocks: readonly Block[]): boolean {
  return blocks.every((block, index) =>
    index === 0 ? block.kind === 'paragraph' || block.kind === 'list' : block.kind === 'list',
  )
}
