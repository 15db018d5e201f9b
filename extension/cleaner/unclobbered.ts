/**
 * Reading a live page that is made to hide from being read.
 *
 * A form's field stands in front of the form's own property of its name, and a named form, image or frame in front of
 * the document's: after `<form><input name="childNodes"></form>`, `form.childNodes` is the input. The prototypes' own
 * getters are out of the page's reach, because the capture script has a world of its own.
 */

export const childNodesOf: (node: Node) => NodeListOf<ChildNode> = getter(Node.prototype, 'childNodes')
export const firstChildOf: (node: Node) => ChildNode | null = getter(Node.prototype, 'firstChild')
export const nodeTypeOf: (node: Node) => number = getter(Node.prototype, 'nodeType')
export const parentElementOf: (node: Node) => Element | null = getter(Node.prototype, 'parentElement')
export const baseAddressOf: (node: Node) => string = getter(Node.prototype, 'baseURI')
export const textOf: (node: Node) => string | null = getter(Node.prototype, 'textContent')
export const tagOf: (element: Element) => string = getter(Element.prototype, 'localName')
export const namespaceOf: (element: Element) => string | null = getter(Element.prototype, 'namespaceURI')
export const firstElementChildOf: (element: Element) => Element | null = getter(Element.prototype, 'firstElementChild')
export const attributesOf: (element: Element) => NamedNodeMap = getter(Element.prototype, 'attributes')
export const shadowRootOf: (element: Element) => ShadowRoot | null = getter(Element.prototype, 'shadowRoot')
export const bodyOf: (document: Document) => HTMLElement | null = getter(Document.prototype, 'body')
export const rootOf: (document: Document) => HTMLElement = getter(Document.prototype, 'documentElement')
export const implementationOf: (document: Document) => DOMImplementation = getter(Document.prototype, 'implementation')
export const contentTypeOf: (document: Document) => string = getter(Document.prototype, 'contentType')

const { getAttribute, hasAttribute, checkVisibility } = Element.prototype
const { querySelectorAll } = Document.prototype

export const attributeOf = (element: Element, name: string): string | null => getAttribute.call(element, name)
export const hasAttributeOf = (element: Element, name: string): boolean => hasAttribute.call(element, name)
export const isShown = (element: Element, options?: CheckVisibilityOptions): boolean =>
  checkVisibility.call(element, options)
export const allOf = (document: Document, selector: string): NodeListOf<Element> =>
  querySelectorAll.call(document, selector)

/** Elements whose `name` or `id` a form or a document knows them by. */
const NAMED = new Set([
  ...['form', 'img', 'iframe', 'embed', 'object'],
  ...['input', 'button', 'select', 'textarea', 'fieldset', 'output'],
])

/**
 * Takes a name from a copy that stands in front of something, so that everything after the snapshot may read the
 * copy as it likes. Names that hide nothing stay: they say what a form is for.
 */
export function disarm(copy: Element, tag: string): void {
  if (!NAMED.has(tag)) return
  for (const attribute of ['name', 'id']) {
    const name = copy.getAttribute(attribute)
    if (name !== null && (name in HTMLFormElement.prototype || name in Document.prototype)) {
      copy.removeAttribute(attribute)
    }
  }
}

function getter<T extends object, K extends keyof T & string>(prototype: T, name: K): (of: T) => T[K] {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get
  if (!get) throw new Error(`no getter for ${name}`)
  return (of) => get.call(of)
}
