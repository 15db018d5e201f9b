/**
 * DOM → blocks, in one walk.
 *
 * A `Flow` is an open container: finished blocks, and the runs of the paragraph being read. A block element ends that paragraph
 * wherever it stands; inline elements only add marks, so no page can be nested wrongly.
 */

import { BLOCK_ATTRIBUTE, SIGN_ATTRIBUTE, TASK_ATTRIBUTE } from '../marks'
import type { Addresses } from './addresses'
import {
  type Block,
  type Item,
  isVisible,
  type Link,
  linkOf,
  type MarkKind,
  type Marks,
  NO_MARKS,
  type Run,
  runLists,
  withFormat,
  withLink,
} from './blocks'
import { codeLanguage, codeText, isHeaderOfCode, isLanguageName, plainCode } from './code'
import { readDefinitions } from './definitions'
import { emojiOf, readImage } from './images'
import { linkOnce } from './link-once'
import { isMathScript, readMaths, splitMaths } from './maths'
import { findNotes, isBackReference, type Notes } from './notes'
import { oneLine, textOf } from './one-line'
import { isPermalink } from './permalinks'
import { plain, splitAtDoubleBreaks, tidy } from './runs'
import { cellsOf, isLayoutTable, ownRows, readGrid, tableBlocks } from './tables'
import { BLOCK_TAGS, DROPPED_TAGS, FORMAT_TAGS, HEADING, isFurniture } from './tags'

export interface ReadOptions {
  readonly links: 'keep' | 'text'
  readonly images: 'keep' | 'alt' | 'none'
}

type Handler = (element: Element, marks: Marks, flow: Flow) => void

interface Flow {
  readonly blocks: Block[]
  runs: Run[]
}

/** How deep quotes and lists nest before the rest is written flat. Each level lengthens every line, so this keeps output linear. */
const MAX_NESTING = 24

export function read(root: Element, addresses: Addresses, options: ReadOptions): Block[] {
  return new Reader(findNotes(root), addresses, options).page(root)
}

class Reader {
  private readonly noteBlocks = new Map<string, Block[]>()
  private readonly backReferences = new Set<Element>()
  private readonly explained = new Set<string>()
  private nesting = 0
  private readonly handlers: ReadonlyMap<string, Handler>

  constructor(
    private readonly notes: Notes,
    private readonly addresses: Addresses,
    private readonly options: ReadOptions,
  ) {
    this.handlers = new Map<string, Handler>([
      ['a', this.anchor],
      ['br', this.lineBreak],
      ['hr', this.rule],
      ['pre', this.code],
      ['listing', this.code],
      ['xmp', this.code],
      ['code', this.inlineCode],
      ['tt', this.inlineCode],
      ['samp', this.inlineCode],
      ['img', this.image],
      ['blockquote', this.quote],
      ['ul', this.list],
      ['ol', this.list],
      ['menu', this.list],
      ['dir', this.list],
      ['dl', this.definitions],
      ['table', this.table],
      ['summary', this.summary],
      ['figcaption', this.caption],
      ['ruby', this.ruby],
      ['q', this.quotation],
      ['abbr', this.abbreviation],
      ['acronym', this.abbreviation],
      ['button', this.button],
    ])
  }

  page(root: Element): Block[] {
    const flow = newFlow()
    this.element(root, NO_MARKS, flow)
    this.endParagraph(flow)
    return [...flow.blocks, ...this.usedNotes(flow.blocks)]
  }

  private usedNotes(blocks: readonly Block[]): Block[] {
    const used = new Set<string>()
    for (const runs of runLists(blocks)) for (const run of runs) if (run.kind === 'note') used.add(run.label)
    const notes: Block[] = []
    for (const [label, content] of this.noteBlocks) {
      if (content.length === 0) continue
      // A note nobody refers to any more is still text of the page.
      if (used.has(label)) notes.push({ kind: 'note', label, blocks: content })
      else notes.unshift(...content)
    }
    return notes
  }

  private children(parent: Element, marks: Marks, flow: Flow): void {
    for (let child = parent.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 3) this.text(child.nodeValue ?? '', marks, flow)
      else if (child.nodeType === 1) this.element(child as Element, marks, flow)
    }
  }

  private text(text: string, marks: Marks, flow: Flow): void {
    if (text === '') return
    if (text.includes('\\(') || text.includes('\\[')) {
      for (const piece of splitMaths(text)) {
        if (piece.kind === 'text') flow.runs.push({ kind: 'text', text: piece.text, marks })
        else this.maths(piece.text.trim(), piece.kind === 'display', marks, flow)
      }
    } else flow.runs.push({ kind: 'text', text, marks })
  }

  private element(element: Element, marks: Marks, flow: Flow): void {
    const label = this.notes.definitions.get(element)
    const maths = readMaths(element)
    if (label !== undefined && !this.noteBlocks.has(label)) this.note(element, label)
    else if (maths !== null && maths !== 'nothing') this.maths(maths.tex, maths.isDisplay, marks, flow)
    else if (maths !== 'nothing' && !isFurniture(element)) this.apart(element, marks, flow)
  }

  /** Hands an element to its handler, apart from its neighbours where style sets it apart. */
  private apart(element: Element, marks: Marks, flow: Flow): void {
    const apart = element.getAttribute(BLOCK_ATTRIBUTE)
    const separate = (): void => {
      if (apart === 'block') this.endParagraph(flow)
      else if (apart === 'word') flow.runs.push({ kind: 'text', text: ' ', marks: NO_MARKS })
    }
    separate()
    this.handlerOf(element)(element, marks, flow)
    separate()
  }

  private handlerOf(element: Element): Handler {
    const tag = element.localName
    if (HEADING.test(tag) || element.getAttribute('role') === 'heading') return this.heading
    const format = FORMAT_TAGS[tag]
    if (format !== undefined) return (_, marks, flow) => this.format(element, format, marks, flow)
    return this.handlers.get(tag) ?? this.container
  }

  private readonly container: Handler = (element, marks, flow) => {
    const isBlock = BLOCK_TAGS.has(element.localName)
    if (isBlock) this.endParagraph(flow)
    if (element.getAttribute('role') === 'list') this.list(element, marks, flow)
    else this.children(element, marks, flow)
    if (isBlock) this.endParagraph(flow)
  }

  private readonly lineBreak: Handler = (_, marks, flow) => {
    flow.runs.push({ kind: 'break', marks })
  }

  private readonly rule: Handler = (_, __, flow) => {
    this.endParagraph(flow)
    flow.blocks.push({ kind: 'rule' })
  }

  private endParagraph(flow: Flow): void {
    if (flow.runs.length === 0) return
    const runs = flow.runs
    flow.runs = []
    if (!runs.some(isVisible)) return
    for (const part of splitAtDoubleBreaks(tidy(runs))) {
      const paragraph = tidy(part)
      if (paragraph.some(isVisible)) flow.blocks.push({ kind: 'paragraph', runs: paragraph })
    }
  }

  private readonly heading: Handler = (element, marks, flow) => {
    this.endParagraph(flow)
    const inner = newFlow()
    this.children(element, marks, inner)
    this.endParagraph(inner)
    const level = HEADING.test(element.localName)
      ? Number(element.localName[1])
      : Number(element.getAttribute('aria-level') ?? '2')
    const line = tidy(oneLine(inner.blocks, 'space')).map((run) => this.headingRun(run))
    // A heading with nothing but a picture in it is that picture.
    if (!line.some((run) => run.kind !== 'image' && isVisible(run))) {
      if (line.length > 0) flow.blocks.push({ kind: 'paragraph', runs: line })
      return
    }
    flow.blocks.push({
      kind: 'heading',
      level: Math.min(6, Math.max(1, Number.isFinite(level) ? level : 2)),
      runs: line,
    })
  }

  /** A heading is bold as it is. */
  private headingRun(run: Run): Run {
    const marks = run.marks.filter((mark) => mark.kind !== 'strong')
    return marks.length === run.marks.length ? run : { ...run, marks }
  }

  private format(element: Element, format: MarkKind, marks: Marks, flow: Flow): void {
    // Block elements inside keep the mark; a note stands out by its own brackets.
    const isNote = format === 'sup' && (this.isOnlyNote(element) || /^\s*\[.*\]\s*$/.test(element.textContent ?? ''))
    // `font-weight: normal` on a `<b>` is how Google Docs wraps a whole document.
    const isUndone = format === 'strong' && /font-weight:\s*(?:normal|400)/i.test(element.getAttribute('style') ?? '')
    this.children(element, isNote || isUndone ? marks : withFormat(marks, format), flow)
  }

  private isOnlyNote(element: Element): boolean {
    const anchor = element.querySelector('a')
    return anchor !== null && this.notes.references.has(anchor) && sameText(anchor, element)
  }

  private readonly anchor: Handler = (element, marks, flow) => {
    const label = this.notes.references.get(element)
    if (label !== undefined) {
      flow.runs.push({
        kind: 'note',
        label,
        marks: marks.filter((mark) => mark.kind !== 'sup' && mark.kind !== 'link'),
      })
      return
    }
    if (this.backReferences.has(element) || isPermalink(element)) return
    const url = this.linkTarget(element)
    if (url === null || ((element.textContent ?? '').trim() === '' && element.querySelector('img') === null))
      return this.children(element, marks, flow)
    // Neighbouring links without a space between them are kept apart by their layout.
    const last = flow.runs.at(-1)
    if (last && linkOf(last.marks) && linkOf(marks) === null) flow.runs.push({ kind: 'text', text: ' ', marks })
    const link: Link = { kind: 'link', url }
    const firstBlock = flow.blocks.length
    this.children(element, withLink(marks, link), flow)
    // A whole card is linked by its heading, or else by its first words.
    if (flow.blocks.length > firstBlock) linkOnce(flow.blocks.slice(firstBlock), flow.runs, link)
  }

  /** Where an anchor leads, if that is worth writing: places on the page itself do not exist in the Markdown. */
  private linkTarget(anchor: Element): string | null {
    if (this.options.links !== 'keep') return null
    const url = this.addresses.resolve(anchor.getAttribute('href'))
    return url !== null && this.addresses.isSamePage(url) ? null : url
  }

  private readonly code: Handler = (element, _, flow) => {
    this.endParagraph(flow)
    const text = codeText(element)
    if (text.trim() === '') return
    const language = codeLanguage(element)
    // The label on the box has done its work once it names the language.
    const before = flow.blocks.at(-1)
    if (language !== '' && before?.kind === 'paragraph' && before.runs.length === 1) {
      const [run] = before.runs
      if (run?.kind === 'text' && isLanguageName(run.text) && isHeaderOfCode(element, run.text)) flow.blocks.pop()
    }
    flow.blocks.push({ kind: 'code', text, language })
  }

  private readonly inlineCode: Handler = (element, marks, flow) => {
    if (element.querySelector('br') !== null || element.querySelector('pre, div') !== null)
      return this.code(element, marks, flow)
    const text = plainCode(element)
    if (text === '') return
    // A code span can be inside a link but cannot hold one.
    const anchor = element.querySelector('a[href]')
    const isWhole = anchor !== null && sameText(anchor, element)
    const url = isWhole && linkOf(marks) === null ? this.linkTarget(anchor) : null
    flow.runs.push({ kind: 'code', text, marks: url === null ? marks : withLink(marks, { kind: 'link', url }) })
  }

  private maths(tex: string, isDisplay: boolean, marks: Marks, flow: Flow): void {
    if (isDisplay && this.nesting <= MAX_NESTING) {
      this.endParagraph(flow)
      flow.blocks.push({ kind: 'math', tex })
    } else flow.runs.push({ kind: 'math', tex: tex.split('\n').join(' '), marks })
  }

  private readonly image: Handler = (element, marks, flow) => {
    const emoji = emojiOf(element)
    if (emoji !== null) {
      flow.runs.push({ kind: 'text', text: emoji, marks })
      return
    }
    if (this.options.images === 'none') return
    const image = readImage(element, this.addresses)
    if (image === null) return
    const alt = plain(image.alt)
    if (this.options.images === 'alt') flow.runs.push({ kind: 'text', text: alt, marks })
    else flow.runs.push({ kind: 'image', url: image.url, alt, marks: imageMarks(marks) })
  }

  private readonly quote: Handler = (element, marks, flow) => {
    this.endParagraph(flow)
    const blocks = isIndentation(element) ? null : this.nested(element, marks)
    if (blocks === null) this.children(element, marks, flow)
    else if (blocks.length > 0) flow.blocks.push({ kind: 'quote', blocks })
    this.endParagraph(flow)
  }

  /** The blocks of a container, or null when it is nested too deep to be one. */
  private nested(element: Element, marks: Marks): Block[] | null {
    if (this.nesting >= MAX_NESTING) return null
    this.nesting++
    const inner = newFlow()
    this.children(element, marks, inner)
    this.endParagraph(inner)
    this.nesting--
    return inner.blocks
  }

  private readonly list: Handler = (element, marks, flow) => {
    this.endParagraph(flow)
    const ordered = element.localName === 'ol'
    const start = Number.parseInt(element.getAttribute('start') ?? firstValue(element) ?? '1', 10)
    const items: Item[] = []
    for (let child = element.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 3 && (child.nodeValue ?? '').trim() === '') continue
      if (child.nodeType !== 1 && child.nodeType !== 3) continue
      this.item(child, marks, items, flow)
    }
    if (items.length > 0)
      flow.blocks.push({
        kind: 'list',
        ordered,
        start: Number.isFinite(start) && start >= 0 && start < 1e9 ? start : 1,
        items,
      })
  }

  private item(child: ChildNode, marks: Marks, items: Item[], flow: Flow): void {
    const element = child.nodeType === 1 ? (child as Element) : null
    const label = element ? this.notes.definitions.get(element) : undefined
    if (element && label !== undefined && !this.noteBlocks.has(label)) {
      this.note(element, label)
      return
    }
    if (element && DROPPED_TAGS.has(element.localName) && !isMathScript(element)) return
    const isItem = element?.localName === 'li' || element?.getAttribute('role') === 'listitem'
    const isList = element !== null && /^(?:ul|ol|menu)$/.test(element.localName)
    const inner = newFlow()
    this.nesting++
    if (this.nesting > MAX_NESTING) {
      this.nesting--
      if (element) this.children(element, marks, flow)
      else this.text(child.nodeValue ?? '', marks, flow)
      this.endParagraph(flow)
      return
    }
    if (element && isItem) this.children(element, marks, inner)
    else if (element) this.element(element, marks, inner)
    else this.text(child.nodeValue ?? '', marks, inner)
    this.endParagraph(inner)
    this.nesting--
    if (inner.blocks.length === 0) return
    // A list straight inside a list belongs to the item above it, and so does stray text between items.
    const previous = items.at(-1)
    if (isList && previous) previous.blocks.push(...inner.blocks)
    else items.push({ checked: element ? taskState(element) : null, blocks: inner.blocks })
  }

  private readonly definitions: Handler = (element, marks, flow) => {
    this.endParagraph(flow)
    const items = readDefinitions(element, marks, (part, partMarks) => this.nested(part, partMarks) ?? [])
    if (items.length > 0) flow.blocks.push({ kind: 'list', ordered: false, start: 1, items })
  }

  private readonly table: Handler = (element, marks, flow) => {
    this.endParagraph(flow)
    const rows = ownRows(element)
    if (isLayoutTable(element, rows)) this.unwrapped(element, rows, marks, flow)
    else this.dataTable(element, rows, marks, flow)
  }

  private dataTable(element: Element, rows: readonly Element[], marks: Marks, flow: Flow): void {
    for (let child = element.firstElementChild; child; child = child.nextElementSibling) {
      if (child.localName === 'caption') this.caption(child, marks, flow)
    }
    const grid = readGrid(rows)
    const written = new Map<Element, Run[]>()
    const cells = grid.rows.map((row) => row.map((cell) => this.cell(cell, marks, written)))
    flow.blocks.push(...tableBlocks(cells, grid.hasHeader))
  }

  private unwrapped(element: Element, rows: readonly Element[], marks: Marks, flow: Flow): void {
    if (rows.length === 0) this.children(element, marks, flow)
    for (const row of rows) {
      for (const cell of cellsOf(row)) {
        this.children(cell, marks, flow)
        this.endParagraph(flow)
      }
    }
  }

  /** A cell's blocks on one line; a cell that spans rows is read once and repeated. */
  private cell(cell: Element | null, marks: Marks, written: Map<Element, Run[]>): Run[] {
    if (cell === null) return []
    const known = written.get(cell)
    if (known) return known
    const inner = newFlow()
    this.children(cell, marks, inner)
    this.endParagraph(inner)
    if (inner.blocks.length === 0) this.text(cell.getAttribute(SIGN_ATTRIBUTE) ?? '', marks, inner)
    this.endParagraph(inner)
    const isHeader = cell.localName === 'th'
    const runs = tidy(oneLine(inner.blocks, 'break')).map(
      (run): Run => (isHeader ? { ...run, marks: run.marks.filter((mark) => mark.kind !== 'strong') } : run),
    )
    written.set(cell, runs)
    return runs
  }

  private readonly summary: Handler = (element, marks, flow) => this.title(element, 'strong', marks, flow)

  private readonly caption: Handler = (element, marks, flow) => this.title(element, 'emphasis', marks, flow)

  private title(element: Element, format: MarkKind, marks: Marks, flow: Flow): void {
    this.endParagraph(flow)
    const inner = newFlow()
    this.children(element, marks, inner)
    this.endParagraph(inner)
    const [only] = inner.blocks
    if (inner.blocks.length === 1 && only?.kind === 'paragraph') {
      const alreadySaid = flow.blocks.at(-1)
      const caption = textOf(only.runs)
      // Many pages repeat the caption as the alternative text; once is enough.
      if (alreadySaid?.kind === 'paragraph' && alreadySaid.runs.length === 1) {
        const [image] = alreadySaid.runs
        if (image?.kind === 'image' && image.alt === caption) alreadySaid.runs = [{ ...image, alt: '' }]
      }
      flow.blocks.push({
        kind: 'paragraph',
        runs: only.runs.map((run): Run => ({ ...run, marks: withFormat(run.marks, format) })),
      })
    } else flow.blocks.push(...inner.blocks)
  }

  private note(element: Element, label: string): void {
    // Claimed before it is read: a note that holds itself, or another note's anchor, is read once.
    this.noteBlocks.set(label, [])
    const inner = newFlow()
    this.nesting++
    for (const anchor of element.querySelectorAll('a[href*="#"]')) {
      if (!this.notes.references.has(anchor) && isBackReference(anchor)) this.backReferences.add(anchor)
    }
    this.children(element, NO_MARKS, inner)
    this.endParagraph(inner)
    this.nesting--
    this.noteBlocks.set(label, inner.blocks)
  }

  private readonly ruby: Handler = (element, marks, flow) => {
    for (let child = element.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 3) this.text(child.nodeValue ?? '', marks, flow)
      if (child.nodeType !== 1) continue
      const part = child as Element
      const isReading = part.localName === 'rt' || part.localName === 'rtc'
      if (isReading && (part.textContent ?? '').trim() !== '') {
        flow.runs.push({ kind: 'text', text: `(${(part.textContent ?? '').trim()})`, marks })
      } else if (!isReading) this.element(part, marks, flow)
    }
  }

  /** An abbreviation is explained where it first appears, as in good prose. */
  private readonly abbreviation: Handler = (element, marks, flow) => {
    this.children(element, marks, flow)
    const short = (element.textContent ?? '').trim()
    const long = plain(element.getAttribute('title') ?? '').trim()
    const isAbbreviation = /^[\p{L}\d.&/+-]{2,12}$/u.test(short) && /\p{Lu}.*\p{Lu}/u.test(short) && /\p{L}/u.test(long)
    if (!isAbbreviation || long.length <= short.length || this.explained.has(short)) return
    this.explained.add(short)
    flow.runs.push({ kind: 'text', text: ` (${long})`, marks })
  }

  private readonly quotation: Handler = (element, marks, flow) => {
    flow.runs.push({ kind: 'text', text: '“', marks })
    this.children(element, marks, flow)
    flow.runs.push({ kind: 'text', text: '”', marks })
  }

  /** A button is a control, except where pages make headings and questions clickable with one. */
  private readonly button: Handler = (element, marks, flow) => {
    const isTitle = element.closest('h1, h2, h3, h4, h5, h6, summary, dt, [role=heading]') !== null
    if (isTitle) this.children(element, marks, flow)
    else if ((element.textContent ?? '').trim().split(/\s+/).length > 3) this.children(element, marks, flow)
  }
}

function sameText(a: Element, b: Element): boolean {
  return (a.textContent ?? '').trim() === (b.textContent ?? '').trim()
}

function newFlow(): Flow {
  return { blocks: [], runs: [] }
}

/** Link and format marks go on; a superscript or emphasised image means nothing. */
function imageMarks(marks: Marks): Marks {
  const link = linkOf(marks)
  return link && !/\.(?:jpe?g|png|gif|webp|avif|svg|bmp)(?:[?#]|$)/i.test(link.url) ? [link] : NO_MARKS
}

/** Docutils indents whole blocks with `<blockquote><div>`; nobody is quoted. Forums quote words so, and name who said them. */
function isIndentation(quote: Element): boolean {
  const only = quote.firstElementChild
  return (
    only?.localName === 'div' &&
    only.nextElementSibling === null &&
    quote.attributes.length === 0 &&
    only.attributes.length === 0 &&
    only.querySelector(':scope > cite') === null &&
    !hasTextOfItsOwn(only)
  )
}

function hasTextOfItsOwn(element: Element): boolean {
  return [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue?.trim() !== '')
}

function firstValue(list: Element): string | null {
  return list.firstElementChild?.getAttribute('value') ?? null
}

/** Whether an item is a task, and done. */
function taskState(item: Element): boolean | null {
  const task = item.getAttribute(TASK_ATTRIBUTE)
  return task === null ? null : task === 'true'
}
