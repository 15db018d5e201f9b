/** Pages of a benchmark folder: `html/ID.html[.gz]` with `ground-truth/ID.json`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** The development half of the benchmark, where it lies beside the repository; seen from `extension/`. */
export const DEFAULT_DATA = '../../shared/wcxb-dev'

export interface BenchmarkPage {
  readonly id: string
  readonly url: string
  readonly html: string
  readonly kind: string
  readonly truth: Truth
}

export interface Truth {
  readonly title: string | null
  readonly author: string | null
  readonly publish_date: string | null
  readonly main_content: string | null
  readonly main_content_markdown: string | null
}

interface TruthFile {
  readonly url?: string
  readonly _internal?: { readonly page_type?: { readonly primary?: string } }
  readonly ground_truth?: Partial<Truth>
}

/** Page ids in order; every `step`-th of them, for a quick look. */
export function pageIds(data: string, step = 1): string[] {
  const ids = readdirSync(join(data, 'ground-truth')).flatMap((name) =>
    name.endsWith('.json') ? [name.slice(0, -5)] : [],
  )
  return ids.sort().filter((_, index) => index % step === 0)
}

export function readPage(data: string, id: string): BenchmarkPage {
  const file = JSON.parse(readFileSync(join(data, 'ground-truth', `${id}.json`), 'utf8')) as TruthFile
  const {
    title = null,
    author = null,
    publish_date = null,
    main_content = null,
    main_content_markdown = null,
  } = file.ground_truth ?? {}
  const kind = file._internal?.page_type?.primary ?? 'page'
  return {
    id,
    // A few pages come without an address; relative links in them lead nowhere in particular.
    url: file.url ?? 'https://page.invalid/',
    html: gunzipSync(readFileSync(join(data, 'html', `${id}.html.gz`))).toString('utf8'),
    kind: kind === 'category' ? 'collection' : kind,
    truth: { title, author, publish_date, main_content, main_content_markdown },
  }
}
