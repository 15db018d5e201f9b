/** What a page says about itself. Dates are `YYYY-MM-DD`; null where the page does not say. */
export interface Metadata {
  readonly title: string
  readonly author: string | null
  readonly publishedAt: string | null
  readonly modifiedAt: string | null
  readonly site: string | null
  /** Absolute http(s) address. */
  readonly canonicalUrl: string | null
  /** BCP 47, as the page writes it. */
  readonly language: string | null
  readonly direction: 'ltr' | 'rtl'
}
