/**
 * Clean one page from the command line, by the same code as the extension.
 *
 *   npm run clean -- FILE_OR_- --url URL [--json] [--scope auto|wider|narrower|whole] [--cite block|frontmatter|none]
 *
 * Prints Markdown, or with `--json` the page with its metadata and counts. `-` reads from standard input; `.gz` is
 * unpacked.
 */
import { readFileSync } from 'node:fs'
import { getSystemErrorMap, parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { clean } from '../cleaner'
import { cite } from '../cleaner/citation'
import { toJson } from '../cleaner/json'
import { parseDocument } from './dom'

const USAGE =
  'usage: npm run clean -- FILE_OR_- --url URL [--json] [--scope auto|wider|narrower|whole] [--cite block|frontmatter|none]'
const SCOPES = ['auto', 'wider', 'narrower', 'whole'] as const
const STYLES = ['block', 'frontmatter', 'none'] as const

function run(): string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      json: { type: 'boolean', default: false },
      scope: { type: 'string', default: 'auto' },
      cite: { type: 'string', default: 'none' },
    },
  })
  const [file] = positionals
  const scope = SCOPES.find((known) => known === values.scope)
  const style = STYLES.find((known) => known === values.cite)
  if (file === undefined || values.url === undefined || scope === undefined || style === undefined) {
    throw new Error(USAGE)
  }
  if (!URL.canParse(values.url)) throw new Error(`${values.url} is no address; --url takes the page's own, whole.`)
  const page = clean(parseDocument(htmlIn(file)), values.url, { scope })
  const capturedAt = new Date()
  if (values.json) return toJson(page, values.url, capturedAt)
  return `${cite(page, style, values.url, capturedAt).trimEnd()}\n`
}

function htmlIn(file: string): string {
  try {
    const bytes = readFileSync(file === '-' ? 0 : file)
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    const { syscall, errno, message } = error as NodeJS.ErrnoException
    const reason = syscall === undefined ? message : getSystemErrorMap().get(errno ?? 0)?.[1]
    throw new Error(`${file} can't be read: ${reason ?? message}.`)
  }
}

try {
  process.stdout.write(run())
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
