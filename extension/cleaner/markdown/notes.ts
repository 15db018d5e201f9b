/** Footnotes: which anchors are references, which elements are the notes they lead to, and what each is called. */

const REFERENCE_CLASS =
  /(?:^|\s)(?:footnote-?ref(?:erence)?|footnote|fn-?ref|noteref|reference|footnote-anchor|easy-footnote|sdfootnoteanc)(?:\s|$)/i
const NOTE_ID =
  /^(?:[a-z]+[-_:.])*?(?:fn|footnote|ftn|_ftn|note|cite_note|endnote|sdfootnote|easy-footnote-bottom|footnote-\d+)[-_:.]?.*$/i
const BACK_TEXT = /^(?:[\s↩↵⤴↑^⏎]|\ufe0e|\ufe0f)*$|^(?:back|return|jump up|jump back|back to (?:text|content|top))\b/i
const MARKER = /^\[?\(?\s*(?:\d{1,4}|[a-z]|[*†‡§]+|note \d+)\s*\)?\]?$/i

/** A longer target is a part of the page that a number happens to link to, not a note. */
const MAX_NOTE_CHARS = 4_000

export interface Notes {
  /** Reference anchors and the label of the note each leads to. */
  readonly references: ReadonlyMap<Element, string>
  /** Note elements and their labels. */
  readonly definitions: ReadonlyMap<Element, string>
}

export function findNotes(root: Element): Notes {
  const references = new Map<Element, string>()
  const definitions = new Map<Element, string>()
  const anchors: Element[] = []
  for (const anchor of root.querySelectorAll('a[href*="#"]')) {
    if (isReference(anchor)) anchors.push(anchor)
  }
  if (anchors.length === 0) return { references, definitions }

  const byId = new Map<string, Element>()
  for (const element of root.querySelectorAll('[id], a[name]')) {
    const id = element.getAttribute('id') ?? element.getAttribute('name') ?? ''
    if (id !== '' && !byId.has(id)) byId.set(id, element)
  }
  const taken = new Set<string>()
  for (const anchor of anchors) {
    const target = byId.get(targetId(anchor))
    const note = target ? noteElement(target) : null
    if (!note || note.contains(anchor) || (note.textContent ?? '').length > MAX_NOTE_CHARS) continue
    let label = definitions.get(note)
    if (label === undefined) {
      label = freeLabel(anchor, taken)
      taken.add(label)
      definitions.set(note, label)
    }
    references.set(anchor, label)
  }
  return { references, definitions }
}

/** The arrow that leads back from a note to the text, or the number an old page repeats before it. */
export function isBackReference(anchor: Element): boolean {
  const href = anchor.getAttribute('href') ?? ''
  if (!href.includes('#')) return false
  const role = anchor.getAttribute('role') ?? ''
  const names = anchor.getAttribute('class') ?? ''
  if (
    role === 'doc-backlink' ||
    /(?:^|[\s-])(?:back-?ref|footnote-back(?:ref)?|reversefootnote|backlink|mw-cite-backlink)/i.test(names)
  )
    return true
  const text = (anchor.textContent ?? '').trim()
  return BACK_TEXT.test(text) || MARKER.test(text)
}

function isReference(anchor: Element): boolean {
  const text = (anchor.textContent ?? '').trim()
  if (text.length > 12 || !MARKER.test(text)) return false
  if (anchor.getAttribute('role') === 'doc-noteref') return true
  const parent = anchor.parentElement
  const inSup =
    parent?.localName === 'sup' || parent?.parentElement?.localName === 'sup' || anchor.querySelector('sup') !== null
  return inSup || REFERENCE_CLASS.test(anchor.getAttribute('class') ?? '') || NOTE_ID.test(targetId(anchor))
}

function targetId(anchor: Element): string {
  const href = anchor.getAttribute('href') ?? ''
  const id = href.slice(href.indexOf('#') + 1)
  try {
    return decodeURIComponent(id)
  } catch {
    // A stray percent sign: the id is meant as it stands.
    return id
  }
}

/** The element that holds a whole note when the reference leads to it or to an anchor at its beginning. */
function noteElement(target: Element): Element | null {
  for (let element: Element | null = target, i = 0; element && i < 4; element = element.parentElement, i++) {
    if (/^(?:li|dd|aside|div|p|td|section)$/.test(element.localName)) return element.localName === 'td' ? null : element
    if (/^(?:body|article|main)$/.test(element.localName)) return null
  }
  return null
}

function freeLabel(anchor: Element, taken: ReadonlySet<string>): string {
  const shown = /[A-Za-z0-9]+/.exec(anchor.textContent ?? '')?.[0] ?? ''
  if (shown !== '' && !taken.has(shown)) return shown
  for (let n = taken.size + 1; ; n++) if (!taken.has(String(n))) return String(n)
}
