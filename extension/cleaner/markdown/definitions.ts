/**
 * Definition lists, which Markdown has not: each term becomes an item of a list that holds what is said of it.
 * Terms with one definition between them share an item.
 */
import { type Block, type Item, isVisible, type Marks, NO_MARKS, type Run, withFormat } from './blocks'
import { plainCode } from './code'
import { oneLine } from './one-line'
import { tidy } from './runs'

/** Reads what is in an element as blocks. */
type ReadInside = (element: Element, marks: Marks) => Block[]

export function readDefinitions(list: Element, marks: Marks, readInside: ReadInside): Item[] {
  const items: Item[] = []
  let term: Run[] = []
  let hasDefinition = false
  for (const part of partsOf(list)) {
    if (part.localName === 'dt') {
      if (hasDefinition && term.length > 0) term = []
      const runs = readTerm(part, marks, readInside)
      if (!runs.some(isVisible)) continue
      const isFirst = term.length === 0 || hasDefinition
      term = isFirst ? runs : [...term, { kind: 'text', text: ', ', marks: NO_MARKS }, ...runs]
      if (isFirst) items.push({ checked: null, blocks: [] })
      const item = items.at(-1) as Item
      item.blocks.splice(0, item.blocks.length, { kind: 'paragraph', runs: term })
      hasDefinition = false
      continue
    }
    const blocks = readInside(part, marks)
    if (blocks.length === 0) continue
    const item = items.at(-1)
    if (!item) items.push({ checked: null, blocks })
    else if (hasDefinition) item.blocks.push(...blocks)
    else define(item, blocks)
    hasDefinition = true
  }
  return items
}

/** "Term: what it is", on one line where both are text. */
function define(item: Item, blocks: readonly Block[]): void {
  const [term] = item.blocks
  const [first, ...others] = blocks
  if (term?.kind === 'paragraph' && first?.kind === 'paragraph') {
    const runs: Run[] = [...term.runs, { kind: 'text', text: ': ', marks: NO_MARKS }, ...first.runs]
    item.blocks.splice(0, 1, { kind: 'paragraph', runs }, ...others)
  } else item.blocks.push(...blocks)
}

function readTerm(term: Element, marks: Marks, readInside: ReadInside): Run[] {
  // The signature of a function is code, though Sphinx sets it as text.
  if (/(?:^|\s)sig(?:\s|$)/.test(term.getAttribute('class') ?? '')) {
    return [{ kind: 'code', text: plainCode(term).replace(/[¶§]$/, '').trim(), marks }]
  }
  return tidy(oneLine(readInside(term, withFormat(marks, 'strong')), 'space'))
}

/** Terms and definitions in their order, those that are grouped in a `div` too. */
function partsOf(list: Element): Element[] {
  return [...list.children].flatMap((child) => (child.localName === 'div' ? [...child.children] : [child]))
}
