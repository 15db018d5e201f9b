/**
 * The general words by which pages name their parts, in class and id attributes, headings and short texts.
 *
 * Each group is one yes-or-no feature. The words are the web's, not any site's; what a group is worth, and in what
 * company, is the trained model's business.
 */

/** Groups of words in class, id and data-testid of an element. A name is cut into words before it is looked up. */
export const NAME_GROUPS = {
  navigation:
    'nav navigation navbar menu menus submenu megamenu breadcrumb breadcrumbs crumb crumbs pagination pager toc tabs tab hamburger dropdown navlinks',
  header: 'header head masthead topbar banner hero titlebar intro jumbotron',
  footer: 'footer foot copyright colophon bottom legal footnotes endnotes',
  sidebar: 'sidebar aside side rail widget widgets column secondary complementary sticky panel drawer offcanvas flyout',
  related:
    'related recommended recommendation recommendations recommend similar more suggested suggestions trending popular recent latest also upsell crosssell cross readmore teaser teasers promo promotion promos featured carousel slider swiper slick slide gallery',
  social:
    'social share sharing shares share follow facebook twitter pinterest linkedin whatsapp reddit sns addtoany sharebar like likes',
  comments: 'comment comments commentlist disqus respond reply replies discussion feedback talkback',
  thread:
    'thread threads post posts message messages topic topics forum question answer answers postbody bbcode bbwrapper discussion',
  reviews: 'review reviews rating ratings testimonial testimonials stars star customer',
  advert:
    'ad ads advert adverts advertisement advertising sponsor sponsored sponsors affiliate dfp gpt outbrain taboola promoted commercial',
  consent: 'cookie cookies consent gdpr privacy onetrust cmp ccpa notice',
  overlay: 'modal popup overlay lightbox dialog toast tooltip popover backdrop',
  signup:
    'newsletter subscribe subscription signup signin login register registration optin mailing paywall account form cta button btn buttons action actions download',
  meta: 'meta metadata byline author authors date time timestamp published tags tag taxonomy category categories label labels badge info credit credits bio avatar profile user username',
  article: 'article story entry blog articlebody postcontent entrycontent news longform editorial journal press',
  content:
    'content contents main body text richtext rte prose copy markdown wysiwyg copytext paragraph cms document docs documentation page',
  title:
    'title headline heading subtitle dek standfirst summary excerpt lead lede abstract subheading caption description desc',
  product:
    'product pdp sku variant variants specification specifications spec specs detail details features feature overview accordion item',
  price:
    'price prices pricing cart basket checkout buy add quantity qty stock shipping delivery purchase order wishlist compare availability',
  list: 'list listing listings grid results result cards card tile tiles collection items feed archive row rows entries products',
  filter:
    'filter filters facet facets sort sorting refine search searchbox toolbar select option options swatch picker selector',
  section: 'section container wrapper wrap inner block module component elementor group layout region col row',
  hidden: 'hidden hide sr visually screenreader offscreen invisible collapsed collapse noprint printonly print mobile',
  faq: 'faq faqs accordion question questions answer collapse toggle expandable',
  language: 'language languages lang locale country region currency translate',
  code: 'code highlight hljs prism snippet syntax codeblock terminal',
} as const

export type NameGroup = keyof typeof NAME_GROUPS
export const NAME_GROUP_NAMES = Object.keys(NAME_GROUPS) as NameGroup[]

/** Which groups a name word belongs to, one bit each. */
const groupsOfWord = new Map<string, number>()
NAME_GROUP_NAMES.forEach((group, bit) => {
  for (const word of NAME_GROUPS[group].split(' ')) groupsOfWord.set(word, (groupsOfWord.get(word) ?? 0) | (1 << bit))
})

const MAX_NAME_LENGTH = 400

/** The groups named by a class or id value, as bits in the order of `NAME_GROUP_NAMES`. */
export function nameGroups(value: string): number {
  let bits = 0
  const words = value
    .slice(0, MAX_NAME_LENGTH)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
  for (const word of words) bits |= groupsOfWord.get(word) ?? 0
  return bits
}

/** What headings of side matter say. A heading colours the blocks under it until the next heading of its rank. */
export const HEADING_HINTS =
  /\b(related|recommended|recommendations|similar|you (may|might|could) (also )?(like|enjoy|be interested)|also (like|viewed|bought)|more (from|in|on|about|posts|articles|stories|news|like)|read (more|next)|up next|see also|latest|recent(ly)?|popular|trending|most (read|viewed|popular)|top stories|further reading|what to read|don'?t miss|featured|in other news|keep reading|explore|discover|editor'?s picks|categories|archives?|tags?|topics|blogroll|sponsored|from our partners|about the author|about (us|me)|share( this)?|follow( us)?|connect|stay (connected|informed|in touch)|newsletters?|subscribe|sign up|join|contact( us)?|quick links|useful links|links|company|resources|support|legal|navigation|menu|search|leave a (reply|comment)|(post a )?comments?|responses?|replies|previous|next|advertisement|cookies?|privacy|your (cart|basket)|filters?|sort by|refine|language|on this page|table of contents|in this article|contents|download( the)? app|get the app|customers also|frequently bought|compare|recently viewed|shop by|help|account)\b/i

/** Headings which introduce what people said about the thing rather than the thing. */
export const VOICES_HINTS =
  /\b(reviews?|ratings?|comments?|testimonials?|what (our|people|customers)|q ?& ?a|questions?|answers?|faqs?|discussion)\b/i

/** Short texts that are controls or notices, whatever they are wrapped in. */
export const CONTROL_HINTS =
  /\b(click here|read more|learn more|view (all|more|details|product)|see (all|more|details)|show (all|more|less)|load more|add to (cart|bag|basket|wishlist|compare)|buy now|shop( now| all)?|sign (in|up)|log ?in|register|subscribe|share( this)?|tweet|print|e-?mail|reply|report( abuse| post)?|like|follow|next|previous|back( to top)?|skip to|menu|close|open|search|submit|download|cookie(s)?|accept|privacy policy|terms (of|and)|all rights reserved|copyright|powered by|advertisement|sponsored|loading|javascript|browser|required|filter|sort( by)?|clear|apply|select|choose|edit|copy( link| to clipboard)?|permalink|quote|collapse|expand|toggle|more|home|contact( us)?|help|quick view|compare|in stock|out of stock|free shipping|min(utes)? read|posted (on|by|in)|written by|published|updated|last (modified|updated|edited)|joined|posts|views|members?|guest|online)\b/i

export const LEGAL_HINTS =
  /©|\(c\) ?\d{4}|\ball rights reserved|\bcopyright\b|\bprivacy (policy|notice)|\bterms (of|and|&)|\bcookies?\b|\btrademarks?\b/i

export const PRICE_HINTS = /[$€£¥₹₽]\s?\d|\d\s?[$€£¥₹₽]|\b(usd|eur|gbp|aud|cad|kr|zł|chf)\b/i

export const DATE_HINTS =
  /\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)\.? \d{1,2}|\d{1,2}\.? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\b(19|20)\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.](19|20)\d\d|\b\d+ ?(s|sec|m|min|h|hr|hour|d|day|week|wk|mo|month|yr|year)s? ago|\b(yesterday|today)\b/i
