/** What an element's name and class say about it by themselves. */
import type { MarkKind } from './blocks'
import { isBesideCode } from './code'

/** They begin a paragraph of their own. */
export const BLOCK_TAGS = new Set(
  (
    'address article aside body center dd div dl dt fieldset figcaption figure footer form header hgroup html legend li main menu nav ol p ' +
    'section summary table tbody td tfoot th thead tr ul details dialog search optgroup option frameset noframes'
  ).split(' '),
)
/** Nothing in these is the page's text. */
export const DROPPED_TAGS = new Set(
  (
    'script style template noscript head title meta link base canvas svg object embed applet map area audio param track source dialog datalist ' +
    'rp colgroup col frame iframe video input textarea select progress meter'
  ).split(' '),
)
/** They only say how their text looks. */
export const FORMAT_TAGS: Record<string, MarkKind> = {
  b: 'strong',
  strong: 'strong',
  i: 'emphasis',
  em: 'emphasis',
  cite: 'emphasis',
  dfn: 'emphasis',
  var: 'emphasis',
  s: 'strike',
  del: 'strike',
  strike: 'strike',
  sup: 'sup',
  sub: 'sub',
  kbd: 'kbd',
  mark: 'mark',
}
export const HEADING = /^h[1-6]$/
/** Wikipedia's way back from a note; what rustdoc shows only while a section is folded; its link to the playground. */
const FURNITURE_CLASS = /(?:^|\s)(?:mw-cite-backlink|mw-editsection|hideme|test-arrow)(?:\s|$)/

/** Elements with nothing of the page's text in them, and those that tools put around code and notes. */
export function isFurniture(element: Element): boolean {
  if (DROPPED_TAGS.has(element.localName)) return true
  const names = element.getAttribute('class')
  return names !== null && (FURNITURE_CLASS.test(names) || isBesideCode(element))
}
