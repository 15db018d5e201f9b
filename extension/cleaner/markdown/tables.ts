/** Whether a table is one of data at all, its grid with every span written out, and what is left of it in the end. */

import { type Block, isVisible, type Run } from './blocks'

/** Spans beyond these are mistakes or attacks (browsers clamp at 1,000 columns and 65,534 rows). */
const MAX_COLSPAN = 100
const MAX_ROWSPAN = 1_000
const MAX_CELLS = 200_000
const LAYOUT_CONTENT = new Set([
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'table',
  'form',
  'article',
  'section',
  'nav',
  'aside',
])
/** What stands in the cells of good tables too, once a header says that they are cells. */
const PASSAGES = new Set(['figure', 'blockquote', 'pre', 'hr'])
const MAX_ROWS_LOOKED_AT = 100

export interface Grid {
  /** Rows of equal length; null where a span of columns continues to the left, so that its text is written once. */
  readonly rows: (Element | null)[][]
  readonly hasHeader: boolean
}

/** The rows that belong to this table itself. */
export function ownRows(table: Element): Element[] {
  const head: Element[] = []
  const body: Element[] = []
  const foot: Element[] = []
  for (let child = table.firstElementChild; child; child = child.nextElementSibling) {
    const tag = child.localName
    if (tag === 'tr') body.push(child)
    else if (tag === 'thead' || tag === 'tbody' || tag === 'tfoot') {
      const target = tag === 'thead' ? head : tag === 'tfoot' ? foot : body
      for (let row = child.firstElementChild; row; row = row.nextElementSibling)
        if (row.localName === 'tr') target.push(row)
    }
  }
  return [...head, ...body, ...foot]
}

export function cellsOf(row: Element): Element[] {
  const cells: Element[] = []
  for (let cell = row.firstElementChild; cell; cell = cell.nextElementSibling) {
    if (cell.localName === 'td' || cell.localName === 'th') cells.push(cell)
  }
  return cells
}

/** Whether a table only arranges the page: then its cells are read one after the other. */
export function isLayoutTable(table: Element, rows: readonly Element[]): boolean {
  const role = table.getAttribute('role')
  if (role === 'presentation' || role === 'none') return true
  if (role === 'grid' || role === 'table' || role === 'treegrid') return false
  let columns = 0
  for (const row of rows) columns = Math.max(columns, cellsOf(row).length)
  if (rows.length === 0 || columns < 2) return true
  return holdsLayout(rows, table.querySelector('th, thead, caption') !== null)
}

/**
 * Cells with a page's worth of structure in them are boxes, not data: when there are many, or when most of the text is in them.
 *
 * @param hasHeader a table that says what its columns are is data, whatever code or quotes its cells hold
 */
function holdsLayout(rows: readonly Element[], hasHeader: boolean): boolean {
  const cells = rows.slice(0, MAX_ROWS_LOOKED_AT).flatMap(cellsOf)
  const boxes = cells.filter((cell) => isBox(cell, hasHeader))
  if (boxes.length === 0) return false
  if (boxes.length * 4 >= cells.length) return true
  return !hasHeader && textLength(boxes) * 2 >= textLength(cells)
}

function textLength(cells: readonly Element[]): number {
  return cells.reduce((sum, cell) => sum + (cell.textContent ?? '').trim().length, 0)
}

function isBox(cell: Element, hasHeader: boolean): boolean {
  const isLayout = ({ localName }: Element): boolean =>
    LAYOUT_CONTENT.has(localName) || (!hasHeader && PASSAGES.has(localName))
  let paragraphs = 0
  for (let child = cell.firstElementChild; child; child = child.nextElementSibling) {
    if (isLayout(child)) return true
    if (child.localName === 'p' && (child.textContent ?? '').trim() !== '') paragraphs++
    if (child.localName === 'div' || child.localName === 'center') {
      for (let inner = child.firstElementChild; inner; inner = inner.nextElementSibling)
        if (isLayout(inner)) return true
    }
  }
  return paragraphs > 3 && !hasHeader
}

export function readGrid(rows: readonly Element[]): Grid {
  const grid: (Element | null)[][] = []
  /** Cells that reach down from rows above: column → the cell and how many rows it still covers. */
  let reaching = new Map<number, { cell: Element | null; left: number }>()
  let cellCount = 0
  for (const row of rows) {
    const line: (Element | null)[] = []
    const next = new Map<number, { cell: Element | null; left: number }>()
    const fill = (): void => {
      for (let above = reaching.get(line.length); above; above = reaching.get(line.length)) {
        if (above.left > 1) next.set(line.length, { cell: above.cell, left: above.left - 1 })
        line.push(above.cell)
      }
    }
    for (const cell of cellsOf(row)) {
      fill()
      const columns = span(cell, 'colspan', MAX_COLSPAN)
      const depth = span(cell, 'rowspan', MAX_ROWSPAN)
      for (let i = 0; i < columns; i++) {
        const placed = i === 0 ? cell : null
        if (depth > 1) next.set(line.length, { cell: placed, left: depth - 1 })
        line.push(placed)
      }
    }
    fill()
    reaching = next
    cellCount += line.length
    if (line.length > 0) grid.push(line)
    if (cellCount > MAX_CELLS) break
  }
  return { rows: grid, hasHeader: rows[0] !== undefined && isHeaderRow(rows[0], rows[1]) }
}

function isHeaderRow(row: Element, below: Element | undefined): boolean {
  if (row.parentElement?.localName === 'thead') return true
  const cells = cellsOf(row)
  if (cells.length > 0 && cells.every((cell) => cell.localName === 'th' || (cell.textContent ?? '').trim() === ''))
    return cells.some((cell) => cell.localName === 'th')
  // Without markup: a first row set in bold over one that is not.
  return below !== undefined && cells.length > 1 && cells.every(isBold) && !cellsOf(below).every(isBold)
}

function isBold(cell: Element): boolean {
  const text = (cell.textContent ?? '').trim()
  if (text === '') return true
  const bold = cell.querySelector('b, strong')
  return bold !== null && (bold.textContent ?? '').trim() === text
}

function span(cell: Element, name: string, limit: number): number {
  const value = Number.parseInt(cell.getAttribute(name) ?? '1', 10)
  return Number.isFinite(value) && value > 1 ? Math.min(value, limit) : 1
}

const YES = /(?:^|[\s_-])(?:check(?:mark|ed)?|tick|yes|available|included)(?:$|[\s_-])/i
const NO = /(?:^|[\s_-])(?:x-?mark|times|cross|no|close|unavailable|excluded|ban)(?:$|[\s_-])/i
const MAX_SIGN_CHARS = 40

/** What a cell without text says by an icon: the icon's name for people, or ✓ and ✗ where only its class tells. */
export function signIn(cell: Element): string {
  if (cell.firstElementChild === null || (cell.textContent ?? '').trim() !== '') return ''
  for (const icon of cell.querySelectorAll('i, span, svg, [aria-label]')) {
    const label = (icon.getAttribute('aria-label') || icon.getAttribute('title') || '').trim()
    if (label !== '' && label.length <= MAX_SIGN_CHARS) return label
    const names = icon.getAttribute('class') ?? ''
    if (NO.test(names)) return '✗'
    if (YES.test(names)) return '✓'
  }
  return ''
}

/**
 * A table of data as blocks: without rows and columns that say nothing, and as paragraphs if that leaves one column without a header.
 *
 * @param cells what stands in each cell of the grid, row by row
 */
export function tableBlocks(cells: readonly Run[][][], hasHeader: boolean): Block[] {
  const kept = cells.filter((row) => row.some((cell) => cell.some(isVisible)))
  const width = kept.reduce((most, row) => Math.max(most, row.length), 0)
  const columns = usedColumns(kept, width)
  const rows = kept.map((row) => columns.map((column) => row[column] ?? []))
  const isHeaderKept = hasHeader && kept[0] === cells[0]
  if (columns.length === 1 && !isHeaderKept) return rows.flat().map((runs): Block => ({ kind: 'paragraph', runs }))
  return columns.length === 0 ? [] : [{ kind: 'table', rows: withHeader(rows, isHeaderKept) }]
}

/** The first row as header, set bold by its place alone; an empty one where the table has none. */
function withHeader(rows: Run[][][], hasHeader: boolean): Run[][][] {
  const [first = [], ...rest] = rows
  if (!hasHeader) return [first.map((): Run[] => []), ...rows]
  const plainCell = (cell: Run[]): Run[] =>
    cell.map((run) => ({ ...run, marks: run.marks.filter((mark) => mark.kind !== 'strong') }))
  return [first.map(plainCell), ...rest]
}

/** The columns in which any row says something. */
function usedColumns(rows: readonly Run[][][], width: number): number[] {
  return Array.from({ length: width }, (_, column) => column).filter((column) =>
    rows.some((row) => row[column]?.some(isVisible)),
  )
}
