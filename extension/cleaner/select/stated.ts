/**
 * Where a page is an empty shell that its scripts fill later, its structured data may still hold the text. What its
 * `<meta>` description says is about the content and not the content: nothing is the truer answer.
 */
import type { Clues } from './clues'
import { countText, noText } from './words'

/** Fewer words than this are no content: a heading, a notice that scripts are off. */
const SHELL_WORDS = 30
/** A stated text has to be worth the swap. */
const MIN_STATED_WORDS = 20

/** The content as structured data state it, or null where the page's own text is enough. */
export function statedContent(document: Document, clues: Clues, chosenWords: number): Element | null {
  if (chosenWords >= SHELL_WORDS) return null
  const text = clues.statedBody || clues.statedDescription
  if (wordCount(text) < Math.max(MIN_STATED_WORDS, chosenWords)) return null
  const content = document.createElement('div')
  // Some pages state their body with its markup.
  const plain = text.includes('</') ? text.replace(/<[^<>]{1,500}>/g, '\n') : text
  if (clues.statedName !== '') content.append(line(document, 'h1', clues.statedName))
  for (const paragraph of plain.split(/\n+/)) {
    if (paragraph.trim() !== '') content.append(line(document, 'p', paragraph.trim()))
  }
  return content
}

function line(document: Document, tag: string, text: string): Element {
  const element = document.createElement(tag)
  element.textContent = text
  return element
}

function wordCount(text: string): number {
  const counts = noText()
  countText(text, counts)
  return counts.words
}
