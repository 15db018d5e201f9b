/**
 * A page as a browser would build it, on Node.
 *
 * parse5 builds the tree (it follows the HTML standard, so unclosed tags, misnested tables and stray `</p>` end where
 * Chromium puts them), linkedom gives it the DOM interface. linkedom's own parser is a little faster but does not
 * follow the standard, and then the command line would clean another page than the extension does.
 */
import { parseHTML } from 'linkedom'
import { type DefaultTreeAdapterMap, parse } from 'parse5'

type ParsedNode = DefaultTreeAdapterMap['childNode']
type ParsedParent = DefaultTreeAdapterMap['parentNode']

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg'

/** Names the DOM cannot store: `setAttribute` throws on them in a browser too, where only its parser may make them. */
const UNSAFE_ATTRIBUTE_NAME = /[\s"'<>/=]/

/** Parse `html` into a Document, without comments and the insides of drawings. Scripts are not run, their text stays. */
export function parseDocument(html: string): Document {
  const { document } = parseHTML('<!doctype html><html></html>')
  const parsed = parse(html, { scriptingEnabled: true })
  const parsedRoot = parsed.childNodes.find((node) => node.nodeName === 'html')
  if (parsedRoot === undefined || !('childNodes' in parsedRoot)) return document
  copyAttributes(parsedRoot, document.documentElement)
  copyChildren(parsedRoot, document.documentElement, document)
  showShadowRoots(document)
  showFrames(document)
  return document
}

/** `<template shadowrootmode>` is a shadow root to a browser; as the snapshot of a live page, what it shows stands in its host. */
function showShadowRoots(document: Document): void {
  // A host inside another root comes into sight once that root is open.
  for (let root = nextRoot(document); root; root = nextRoot(document)) {
    const host = root.parentElement as Element
    const guests = [...host.childNodes].filter((node) => node !== root)
    for (const slot of root.querySelectorAll('slot')) {
      const shown = guests.filter((guest) => slotOf(guest) === (slot.getAttribute('name') ?? ''))
      if (shown.some((guest) => (guest.textContent ?? '').trim() !== '')) slot.replaceChildren(...shown)
    }
    host.replaceChildren(...root.childNodes)
  }
}

function nextRoot(document: Document): Element | null {
  return document.querySelector('template[shadowrootmode]')
}

function slotOf(node: ChildNode): string {
  return node.nodeType === 1 ? ((node as Element).getAttribute('slot') ?? '') : ''
}

/** A frame whose document is written in the page; what other frames show is not in the file. */
function showFrames(document: Document): void {
  for (const frame of document.querySelectorAll('iframe[srcdoc]')) {
    const box = document.createElement('div')
    box.append(...(parseDocument(frame.getAttribute('srcdoc') ?? '').body?.childNodes ?? []))
    frame.replaceWith(box)
  }
}

/** Depth-first without recursion: hostile pages nest ten thousand levels. */
function copyChildren(from: ParsedParent, to: Element, document: Document): void {
  const pending: [ParsedParent, Element][] = [[from, to]]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [parsedParent, parent] = next
    for (const parsed of parsedParent.childNodes) {
      if (parsed.nodeName === '#text' && 'value' in parsed) {
        parent.appendChild(document.createTextNode(parsed.value))
      } else if ('tagName' in parsed) {
        const element =
          parsed.namespaceURI === SVG_NAMESPACE
            ? document.createElementNS(SVG_NAMESPACE, parsed.tagName)
            : document.createElement(parsed.tagName)
        copyAttributes(parsed, element)
        parent.appendChild(element)
        // Nobody reads the inside of a drawing, and some pages are made of them.
        if (parsed.tagName === 'svg') continue
        pending.push([parsed.nodeName === 'template' && 'content' in parsed ? parsed.content : parsed, element])
      }
    }
  }
}

/** linkedom looks every attribute up in a list, so an element with endless attributes would take quadratic time. */
const MAX_ATTRIBUTES_PER_ELEMENT = 200

/** linkedom spreads a class list over a call's arguments, and there the stack ends. */
const MAX_CLASS_CHARS = 20_000

function copyAttributes(from: ParsedNode, to: Element): void {
  if (!('attrs' in from)) return
  for (const { name, value, prefix } of from.attrs.slice(0, MAX_ATTRIBUTES_PER_ELEMENT)) {
    if (UNSAFE_ATTRIBUTE_NAME.test(name)) continue
    to.setAttribute(prefix ? `${prefix}:${name}` : name, name === 'class' ? value.slice(0, MAX_CLASS_CHARS) : value)
  }
}
