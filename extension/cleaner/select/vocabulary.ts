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

/** What short texts say, blocks and headings alike: one feature each for the block itself and for the heading above. */
export const TEXT_GROUPS = {
  related:
    /\b(related|recommended|recommendations|similar|also (like|viewed|bought|enjoy)|you (may|might|could) |more (from|in|on|about|posts|articles|stories|news|like|to)|up next|see also|latest|recent(ly)?|popular|trending|most (read|viewed)|top stories|further reading|what to read|don'?t miss|featured|keep reading|explore|discover|editor'?s picks|recently viewed|frequently bought|customers who|blogroll|previous|next)\b/i,
  more: /\b(read more|learn more|(view|see|show|load|browse|shop) (all|more|less|details|product)|click here|find out more|expand|collapse|continue reading|full (story|article)|back to|skip to|toggle)\b/i,
  social:
    /\b(share|tweet|facebook|twitter|pinterest|linkedin|whatsapp|instagram|youtube|tiktok|follow|e-?mail|print|copy link|like us|connect with|rss)\b/i,
  signup:
    /\b(newsletters?|subscribe|sign up|join|inbox|e-?mail address|get (updates|the latest|notified)|register|free trial|download( now)?|get started|book a|request a|contact us|talk to|demo|quote)\b/i,
  account:
    /\b(log ?in|sign in|sign out|my account|account|password|remember me|forgot|cart|basket|wish ?list|checkout|compare|orders?)\b/i,
  buying:
    /\b(add to|buy|in stock|out of stock|sold out|free (shipping|delivery|returns?)|shipping|delivery|returns?|qty|quantity|sale|save|off|regular price|unit price|sku|size|colou?r|warranty|available|availability|installments?|pay)\b/i,
  describing:
    /\b(description|details?|specifications?|specs|features?|overview|about this|what'?s included|ingredients|materials?|dimensions|benefits|how (it works|to)|technical|highlights|product info(rmation)?|summary|why)\b/i,
  voices:
    /\b(reviews?|ratings?|stars?|testimonials?|comments?|repl(y|ies)|responses?|what (our|people|customers)|q ?& ?a|verified|helpful|report( abuse)?|leave a|post a)\b/i,
  faq: /\b(faqs?|frequently asked|questions?|answers?)\b/i,
  byline:
    /\b(by|written by|posted (on|by|in)|published|updated|last (modified|updated|edited)|min(utes)? read|author|editor|staff|contributor|photo|image|credit|source|getty|about the author)\b/i,
  person:
    /\b(joined|posts|threads?|members?|guest|online|moderator|junior|senior|location|messages?|likes?|views|followers|points|karma|reputation|topics?|solved|solution)\b/i,
  site: /\b(home|about( us)?|company|careers|press|support|help|legal|sitemap|accessibility|investors|resources|community|store locator|quick links|useful links|contact|language|country|currency|menu|search|close|open)\b/i,
  sorting:
    /\b(filters?|sort|refine|clear( all)?|apply|show|results?|items? per page|page \d|of \d|categor(y|ies)|archives?|tags?|brands?|price range|select|choose|options?)\b/i,
  consent:
    /\b(cookies?|consent|privacy|terms|all rights reserved|copyright|advertis(ement|ing)|sponsored|javascript|browser|loading|powered by|trademarks?|disclaimer|affiliate)\b/i,
  contents:
    /\b(on this page|table of contents|in this (article|guide|section|post)|contents|jump to|key takeaways|steps?|introduction|conclusion)\b/i,
} as const

export const LEGAL_HINTS =
  /©|\(c\) ?\d{4}|\ball rights reserved|\bcopyright\b|\bprivacy (policy|notice)|\bterms (of|and|&)|\bcookies?\b|\btrademarks?\b/i

export const PRICE_HINTS = /[$€£¥₹₽]\s?\d|\d\s?[$€£¥₹₽]|\b(usd|eur|gbp|aud|cad|kr|zł|chf)\b/i

export const DATE_HINTS =
  /\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)\.? \d{1,2}|\d{1,2}\.? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\b(19|20)\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.](19|20)\d\d|\b\d+ ?(s|sec|m|min|h|hr|hour|d|day|week|wk|mo|month|yr|year)s? ago|\b(yesterday|today)\b/i
