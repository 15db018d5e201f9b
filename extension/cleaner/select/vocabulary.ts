/**
 * The general words by which pages name their parts, in class and id attributes, headings and short texts.
 *
 * Each group is one yes-or-no feature. The words are the web's, not any site's; what a group is worth, and in what
 * company, is the trained model's business.
 */
import { type WordList, wordList } from './words'

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

/**
 * The groups named by a class or id value, as bits in the order of `NAME_GROUP_NAMES`. A word ends where no letter of ASCII follows,
 * and before a capital after a small letter. Read letter by letter: a page has thousands of names.
 */
export function nameGroups(value: string): number {
  let bits = 0
  let start = -1
  let isSmall = false
  const end = Math.min(value.length, MAX_NAME_LENGTH)
  for (let i = 0; i <= end; i++) {
    const code = i < end ? value.charCodeAt(i) : 0
    const wasSmall = isSmall
    isSmall = code >= 97 && code <= 122
    const isCapital = code >= 65 && code <= 90
    if (start >= 0 && (!(isSmall || isCapital) || (isCapital && wasSmall))) {
      bits |= groupsOfWord.get(value.slice(start, i).toLowerCase()) ?? 0
      start = -1
    }
    if (start < 0 && (isSmall || isCapital)) start = i
  }
  return bits
}

/**
 * Words and phrases of short texts, blocks and headings alike: one feature each for the block itself and for the heading
 * above. Apostrophes and hyphens part words, so "don't" is "don t".
 */
export const TEXT_GROUPS = {
  related:
    'related, recommended, recommendations, similar, also like, also viewed, also bought, also enjoy, you may, you might, you could, more from, more in, more on, more about, more posts, more articles, more stories, more news, more like, more to, up next, see also, latest, recent, recently, popular, trending, most read, most viewed, top stories, further reading, what to read, don t miss, dont miss, featured, keep reading, explore, discover, editor s picks, editors picks, frequently bought, customers who, blogroll, previous, next',
  more: 'read more, learn more, view all, view more, view less, view details, view product, see all, see more, see less, see details, see product, show all, show more, show less, show details, load more, browse all, browse more, shop all, shop more, click here, find out more, expand, collapse, continue reading, full story, full article, back to, skip to, toggle',
  social:
    'share, tweet, facebook, twitter, pinterest, linkedin, whatsapp, instagram, youtube, tiktok, follow, email, e mail, print, copy link, like us, connect with, rss',
  signup:
    'newsletter, newsletters, subscribe, sign up, join, inbox, email address, e mail address, get updates, get the latest, get notified, register, free trial, download, download now, get started, book a, request a, contact us, talk to, demo, quote',
  account:
    'login, log in, sign in, sign out, my account, account, password, remember me, forgot, cart, basket, wishlist, wish list, checkout, compare, order, orders',
  buying:
    'add to, buy, in stock, out of stock, sold out, free shipping, free delivery, free return, free returns, shipping, delivery, return, returns, qty, quantity, sale, save, off, regular price, unit price, sku, size, color, colour, warranty, available, availability, installment, installments, pay',
  describing:
    'description, detail, details, specification, specifications, specs, feature, features, overview, about this, what s included, whats included, ingredients, material, materials, dimensions, benefits, how it works, how to, technical, highlights, product info, product information, summary, why',
  voices:
    'review, reviews, rating, ratings, star, stars, testimonial, testimonials, comment, comments, reply, replies, response, responses, what our, what people, what customers, q a, verified, helpful, report, report abuse, leave a, post a',
  faq: 'faq, faqs, frequently asked, question, questions, answer, answers',
  byline:
    'by, written by, posted on, posted by, posted in, published, updated, last modified, last updated, last edited, min read, minutes read, minute read, author, editor, staff, contributor, photo, image, credit, source, getty, about the author',
  person:
    'joined, post, posts, thread, threads, member, members, guest, online, moderator, junior, senior, location, message, messages, like, likes, views, followers, points, karma, reputation, topic, topics, solved, solution',
  site: 'home, about, about us, company, careers, press, support, help, legal, sitemap, accessibility, investors, resources, community, store locator, quick links, useful links, contact, language, country, currency, menu, search, close, open',
  sorting:
    'filter, filters, sort, refine, clear, clear all, apply, show, result, results, item per page, items per page, page 1, page 2, page 3, category, categories, archive, archives, tag, tags, brand, brands, price range, select, choose, option, options',
  consent:
    'cookie, cookies, consent, privacy, terms, all rights reserved, copyright, advertisement, advertising, sponsored, javascript, browser, loading, powered by, trademark, trademarks, disclaimer, affiliate',
  contents:
    'on this page, table of contents, in this article, in this guide, in this section, in this post, contents, jump to, key takeaway, key takeaways, step, steps, introduction, conclusion',
  // In longer texts too: notices run to a few lines.
  legal:
    'all rights reserved, copyright, privacy policy, privacy notice, terms of, terms and, terms, cookie, cookies, trademark, trademarks',
} as const

export type TextGroup = keyof typeof TEXT_GROUPS
export const TEXT_GROUP_NAMES = Object.keys(TEXT_GROUPS) as TextGroup[]

/** A word of a phrase: the groups of the phrase that ends here, and the words that may follow. */
interface PhraseWord {
  groups: number
  next: Map<number, PhraseWord> | null
}

const phrases = new Map<number, PhraseWord>()
TEXT_GROUP_NAMES.forEach((group, bit) => {
  for (const phrase of TEXT_GROUPS[group].split(', ')) learn(wordList(phrase), bit)
})

function learn(words: WordList, bit: number): void {
  let level = phrases
  for (let i = 0; i < words.length; i++) {
    const word: PhraseWord = level.get(words.at(i)) ?? { groups: 0, next: null }
    level.set(words.at(i), word)
    if (i === words.length - 1) word.groups |= 1 << bit
    else {
      word.next ??= new Map()
      level = word.next
    }
  }
}

/** The groups whose words or phrases stand in a stretch of words, as bits in the order of `TEXT_GROUP_NAMES`. */
export function textGroups(words: WordList, first: number, end: number): number {
  let groups = 0
  for (let start = first; start < end; start++) {
    let level: Map<number, PhraseWord> | null = phrases
    for (let at = start; at < end && level !== null; at++) {
      const word: PhraseWord | undefined = level.get(words.at(at))
      if (word === undefined) break
      groups |= word.groups
      level = word.next
    }
  }
  return groups
}

export const PRICE_HINTS = /[$€£¥₹₽]\s?\d|\d\s?[$€£¥₹₽]|\b(usd|eur|gbp|aud|cad|kr|zł|chf)\b/i

export const DATE_HINTS =
  /\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)\.? \d{1,2}|\d{1,2}\.? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\b(19|20)\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.](19|20)\d\d|\b\d+ ?(s|sec|m|min|h|hr|hour|d|day|week|wk|mo|month|yr|year)s? ago/i
