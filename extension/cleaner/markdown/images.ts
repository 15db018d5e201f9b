/** Which images say something, and where they really are: lazy loaders hide the address in a dozen attributes. */

import type { Addresses } from './addresses'

export interface Image {
  readonly url: string
  readonly alt: string
}

/** Smaller than this, in CSS pixels, an image is a tracking pixel, a spacer or an icon. */
const MIN_CONTENT_PX = 33
const LAZY_SOURCES = [
  'data-src',
  'data-original',
  'data-lazy-src',
  'data-lazy',
  'data-actualsrc',
  'data-hi-res-src',
  'data-original-src',
  'data-image',
  'data-url',
]
const LAZY_SETS = ['data-srcset', 'data-lazy-srcset', 'srcset']
const PLACEHOLDER =
  /^(?:data|about):|(?:^|[/_.-])(?:blank|spacer|placeholder|transparent|pixel|1x1|lazy|loading|clear|empty|dummy)(?:[-_.]?(?:\d+(?:x\d+)?|pixel|image|img|gif|bg|load(?:er)?|square|white|gr[ae]y)){0,3}\.(?:gif|png|svg|jpe?g|webp)(?:$|\?)/i
/** Where a script would have put the width it needs. */
const WIDTH_TEMPLATE = /\{width\}|%7Bwidth%7D/gi
const COMMON_WIDTH_PX = '1080'
/** Nothing but pictographs with their modifiers, joiners and variation selectors. */
const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\u200d|\ufe0f){1,12}$/u
const MAX_NOSCRIPT_CHARS = 20_000
const IMG_TAG = /<img\b[^>]{0,4000}>/i

/** The image to write for an `<img>`, or null for one that carries no meaning. */
export function readImage(element: Element, addresses: Addresses): Image | null {
  if (isTiny(element)) return null
  const alt = (element.getAttribute('alt') ?? '').trim()
  const url = imageAddress(element, addresses)
  if (url === null || isTracker(url)) return null
  // An empty alt is the author's word for decoration; in a figure with a caption it is usually carelessness.
  if (alt === '' && element.hasAttribute('alt') && !isCaptioned(element)) return null
  return { url, alt }
}

/** A picture of an emoji stands for the emoji. */
export function emojiOf(element: Element): string | null {
  const alt = element.getAttribute('alt') ?? ''
  return EMOJI.test(alt) ? alt : null
}

function imageAddress(element: Element, addresses: Addresses): string | null {
  const source = element.getAttribute('src') ?? ''
  const candidates: (string | null)[] = []
  if (source !== '' && !PLACEHOLDER.test(source)) candidates.push(source)
  for (const name of LAZY_SOURCES) candidates.push(element.getAttribute(name))
  for (const name of LAZY_SETS) candidates.push(largest(element.getAttribute(name)))
  for (const sibling of pictureSources(element)) candidates.push(largest(sibling))
  for (const candidate of candidates) {
    if (!candidate || /^\s*(?:[{[]|data:)/.test(candidate)) continue
    const url = addresses.resolve(candidate.replace(WIDTH_TEMPLATE, COMMON_WIDTH_PX))
    if (url !== null && /^https?:/.test(url)) return url
  }
  return null
}

/** The candidate of a srcset with the greatest width or density. */
export function largest(srcset: string | null): string | null {
  if (!srcset) return null
  let best: string | null = null
  let bestSize = -1
  // A comma ends a candidate only before white space or after a descriptor; addresses may hold commas.
  for (const candidate of srcset.split(/,\s+|(?<=\s[\d.]+[wx]),/)) {
    const [address, descriptor] = candidate.trim().split(/\s+/)
    const size = descriptor ? Number.parseFloat(descriptor) : 1
    if (address && size > bestSize) [best, bestSize] = [address, size]
  }
  return best
}

function pictureSources(element: Element): (string | null)[] {
  const parent = element.parentElement
  if (parent?.localName !== 'picture') return []
  const sets: (string | null)[] = []
  for (let child = parent.firstElementChild; child && sets.length < 8; child = child.nextElementSibling) {
    if (child.localName === 'source') sets.push(child.getAttribute('srcset') ?? child.getAttribute('data-srcset'))
  }
  return sets
}

/** The address of the image inside a `<noscript>`, which is text where scripts run. */
export function lazyAddress(noscript: Element): string | null {
  const inner = noscript.querySelector('img')
  if (inner) return inner.getAttribute('src')
  const tag = IMG_TAG.exec((noscript.textContent ?? '').slice(0, MAX_NOSCRIPT_CHARS))?.[0]
  const source = tag ? /\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag) : null
  return source?.[1] ?? source?.[2] ?? null
}

function isTiny(element: Element): boolean {
  const width = pixels(element.getAttribute('width'))
  const height = pixels(element.getAttribute('height'))
  return (width !== null && width < MIN_CONTENT_PX) || (height !== null && height < MIN_CONTENT_PX)
}

function pixels(value: string | null): number | null {
  return value !== null && /^\d+(?:\.\d+)?(?:px)?$/.test(value.trim()) ? Number.parseFloat(value) : null
}

function isTracker(url: string): boolean {
  return /[/.](?:pixel|beacon|track(?:ing|er)?|analytics)(?:[/.?]|$)|doubleclick\.net|facebook\.com\/tr\b/i.test(url)
}

function isCaptioned(element: Element): boolean {
  const figure = element.closest('figure')
  return figure?.querySelector('figcaption') != null
}
