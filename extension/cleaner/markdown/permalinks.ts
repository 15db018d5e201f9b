/** The sign beside a heading that leads to the heading itself: a way to copy its address, not a part of the text. */

const PERMALINK_CLASS =
  /(?:^|[\s_-])(?:anchor(?:js-link|-link)?|headerlink|header-?anchor|heading-?(?:anchor|link)|permalink|hash-link|direct-link|octicon-link|toclink-hidden|doc-anchor)(?:$|[\s_-])/i
const PERMALINK_TEXT = /^(?:#+|¶|§|🔗|⚓|∞|\[link\]|link|permalink|anchor)?$/iu

export function isPermalink(anchor: Element): boolean {
  const href = anchor.getAttribute('href') ?? ''
  if (!href.includes('#')) return false
  const text = (anchor.textContent ?? '').trim()
  if (!PERMALINK_TEXT.test(text)) return false
  if (text !== '' && text !== 'link' && text.toLowerCase() !== 'anchor')
    return text.length < 3 ? isInHeading(anchor) || PERMALINK_CLASS.test(anchor.getAttribute('class') ?? '') : true
  return text === '' ? anchor.querySelector('img') === null : isInHeading(anchor)
}

function isInHeading(element: Element): boolean {
  return element.closest('h1, h2, h3, h4, h5, h6, dt') !== null
}
