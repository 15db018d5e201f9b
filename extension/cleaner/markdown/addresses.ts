/** What the page's relative addresses mean, and which of them may leave the page at all. */

/** Anything else (javascript:, data:, blob:, file:) is no use outside the page, and some of it is hostile. */
const SAFE_SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:', 'ftp:'])
const SCHEME = /^[a-z][a-z0-9+.-]*:/i
// Browsers drop tabs and line breaks from addresses, so `java\nscript:` is a scheme too.
const DROPPED_BY_BROWSERS = /[\t\n\r]/g
/** What campaigns and advertisers append, each under a name of its own that no page gives another meaning. */
const TRACKING =
  /[?&](?:utm_[a-z_]+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|mc_[ce]id|igsh(?:id)?|srsltid|yclid|twclid|ttclid|li_fat_id|_hsenc|_hsmi|mkt_tok|vero_id|oly_(?:enc|anon)_id|_gl|_ga|hv[a-z]{3,9})=/i
/** The number of one visit, which forums put into every link. */
const VISIT = /[?&](?:sid|phpsessid)=[0-9a-f]{26,}(?:[&#]|$)/i
/** Longer addresses hold data, not a place. */
const MAX_ADDRESS_CHARS = 2_000

export class Addresses {
  private readonly base: URL | null
  private readonly known = new Map<string, string | null>()

  /** The page's address without its fragment. */
  private readonly page: string

  /**
   * @param page the page's address
   * @param base what relative addresses count from, where `<base href>` says otherwise
   */
  constructor(page: string, base: string = page) {
    this.base = URL.canParse(base) ? new URL(base) : null
    this.page = (URL.canParse(page) ? new URL(page).href : page).split('#')[0] ?? ''
  }

  /** The absolute form of an address in the page, or null where it leads nowhere useful. */
  resolve(raw: string | null): string | null {
    if (raw === null) return null
    const known = this.known.get(raw)
    if (known !== undefined) return known
    const isData = raw.length > MAX_ADDRESS_CHARS
    const absolute = isData ? null : this.compute(raw.replace(DROPPED_BY_BROWSERS, '').trim())
    const resolved = absolute === null ? null : withoutTracking(absolute)
    this.known.set(raw, resolved)
    return resolved
  }

  /** Whether an address is a place on the page itself. */
  isSamePage(url: string): boolean {
    const hash = url.indexOf('#')
    return hash >= 0 && url.slice(0, hash) === this.page
  }

  private compute(raw: string): string | null {
    if (raw === '') return null
    if (SCHEME.test(raw)) {
      if (!URL.canParse(raw)) return null
      const { protocol, href } = new URL(raw)
      if (!SAFE_SCHEMES.has(protocol)) return null
      // The author's own spelling is kept where it is safe to: it is what people compare and search for.
      return /^https?:\/\/[\x21-\x7e]+$/i.test(raw) ? raw : href
    }
    if (this.base === null || !URL.canParse(raw, this.base.href)) return null
    const url = new URL(raw, this.base.href)
    return SAFE_SCHEMES.has(url.protocol) ? url.href : null
  }
}

/** An address without the parameters that only say which campaign, click or visit led to it; the rest keeps its spelling. */
export function withoutTracking(address: string): string {
  const tells = (query: string) => TRACKING.test(query) || VISIT.test(query)
  if (!tells(address)) return address
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)\??([^#]*)(.*)$/s.exec(address) ?? []
  const kept = query.split('&').filter((parameter) => !tells(`?${parameter}`))
  return path + (kept.length > 0 ? `?${kept.join('&')}` : '') + fragment
}

/** The address relative ones count from. */
export function baseAddress(document: Document, url: string): string {
  const href = document.querySelector('base[href]')?.getAttribute('href') ?? ''
  if (href === '' || !URL.canParse(href, url)) return url
  const base = new URL(href, url)
  return base.protocol === 'http:' || base.protocol === 'https:' ? base.href : url
}
