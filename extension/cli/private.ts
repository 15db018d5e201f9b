/**
 * What looks private in the pages of a benchmark folder, to be judged by eye:
 *
 *   npm run private -- FOLDER [--step N] [--scope auto|whole]
 *
 * Prints each find with what stands around it, then how many pages would be asked about and how long looking took.
 */
import { parseArgs } from 'node:util'
import { hide } from '../ai/private'
import { clean } from '../cleaner'
import { parseDocument } from './dom'
import { pageIds, readPage } from './pages'

const AROUND = 30

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { step: { type: 'string', default: '1' }, scope: { type: 'string', default: 'auto' } },
})
const data = positionals[0] ?? '../../shared/wcxb-dev'
const scope = values.scope === 'whole' ? 'whole' : 'auto'
const alarmed: Record<string, number> = { Email: 0, Phone: 0, Card: 0, Key: 0 }
const timesMs: number[] = []
let pagesAlarmed = 0

const ids = pageIds(data, Number(values.step))
for (const id of ids) {
  const page = readPage(data, id)
  const { markdown } = clean(parseDocument(page.html), page.url, { scope })
  const startMs = performance.now()
  const { text, originals } = hide(markdown)
  timesMs.push(performance.now() - startMs)
  const kinds = new Set<string>()
  for (const { 0: placeholder, 1: kind = '', index } of text.matchAll(/Hiddenx*(Email|Phone|Card|Key)\d+/g)) {
    kinds.add(kind)
    const [before, after] = [text.slice(index - AROUND, index), text.slice(index + placeholder.length).slice(0, AROUND)]
    const original = originals[placeholder.toLowerCase()] ?? ''
    console.log([id, kind, `${before}⟦${original}⟧${after}`.replace(/\s+/g, ' ')].join('\t'))
  }
  for (const kind of kinds) alarmed[kind] = (alarmed[kind] ?? 0) + 1
  if (kinds.size > 0) pagesAlarmed += 1
}
timesMs.sort((one, other) => one - other)
const at = (share: number) => timesMs[Math.floor(timesMs.length * share)]?.toFixed(2)
console.log(`${pagesAlarmed} of ${ids.length} pages would be asked about:`, JSON.stringify(alarmed))
console.log(`looking took ${at(0.5)} ms at the median, ${at(0.99)} ms at the 99th percentile`)
