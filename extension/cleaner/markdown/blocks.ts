/**
 * What a page says, between the DOM and its Markdown.
 *
 * Inline content is a flat list of runs, each with the marks that cover it, rather than a tree. Block elements inside inline
 * ones, `<b><b>`, `<b>a</b><b>b</b>` and spaces at the edge of a mark then need no special case, and no nesting can overflow.
 */

export type MarkKind = 'strong' | 'emphasis' | 'strike' | 'sup' | 'sub' | 'kbd' | 'mark'

/** Formats are shared constants and links are one object per anchor, so identity tells marks apart. */
export type Mark = { readonly kind: MarkKind } | Link

export interface Link {
  readonly kind: 'link'
  readonly url: string
}

export type Marks = readonly Mark[]

export type Run =
  | { readonly kind: 'text'; readonly text: string; readonly marks: Marks }
  | { readonly kind: 'code'; readonly text: string; readonly marks: Marks }
  | { readonly kind: 'math'; readonly tex: string; readonly marks: Marks }
  | { readonly kind: 'image'; readonly url: string; readonly alt: string; readonly marks: Marks }
  | { readonly kind: 'note'; readonly label: string; readonly marks: Marks }
  | { readonly kind: 'break'; readonly marks: Marks }

export interface Item {
  /** Whether a task is done; null for an ordinary item. */
  readonly checked: boolean | null
  readonly blocks: Block[]
}

export type Block =
  | { readonly kind: 'paragraph'; runs: Run[] }
  | { readonly kind: 'heading'; readonly level: number; runs: Run[] }
  | { readonly kind: 'code'; readonly text: string; readonly language: string }
  | { readonly kind: 'math'; readonly tex: string }
  | { readonly kind: 'rule' }
  | { readonly kind: 'quote'; readonly blocks: Block[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly start: number; readonly items: Item[] }
  /** Rows are all equally long; the first one is the header (its cells are empty when the table has none). */
  | { readonly kind: 'table'; readonly rows: Run[][][] }
  | { readonly kind: 'note'; readonly label: string; readonly blocks: Block[] }

const FORMATS: Record<MarkKind, Mark> = {
  strong: { kind: 'strong' },
  emphasis: { kind: 'emphasis' },
  strike: { kind: 'strike' },
  sup: { kind: 'sup' },
  sub: { kind: 'sub' },
  kbd: { kind: 'kbd' },
  mark: { kind: 'mark' },
}

export const NO_MARKS: Marks = []

/** `marks` with one more format; the same array when it is there already. */
export function withFormat(marks: Marks, kind: MarkKind): Marks {
  const mark = FORMATS[kind]
  return marks.includes(mark) ? marks : [...marks, mark]
}

/** `marks` inside an anchor; an anchor inside an anchor (possible only in a hand-made DOM) replaces it. */
export function withLink(marks: Marks, link: Link): Marks {
  return [...marks.filter((mark) => mark.kind !== 'link'), link]
}

export function linkOf(marks: Marks): Link | null {
  for (const mark of marks) if (mark.kind === 'link') return mark
  return null
}

export function sameMarks(a: Marks, b: Marks): boolean {
  return a === b || (a.length === b.length && a.every((mark) => b.includes(mark)))
}

/** Anything but spaces, joiners, direction marks and the blank characters that page builders fill empty lines with. */
const INK = /[^\s\u00ad\u115f\u1160\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff]/

/** Does this run put anything on the page? */
export function isVisible(run: Run): boolean {
  return run.kind !== 'break' && (run.kind !== 'text' || INK.test(run.text))
}

/** Every list of runs below these blocks, in reading order. */
export function* runLists(blocks: readonly Block[]): Generator<Run[]> {
  for (const block of blocks) {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        yield block.runs
        break
      case 'quote':
      case 'note':
        yield* runLists(block.blocks)
        break
      case 'list':
        for (const item of block.items) yield* runLists(item.blocks)
        break
      case 'table':
        for (const row of block.rows) yield* row
        break
      default:
        break
    }
  }
}
