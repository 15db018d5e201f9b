/**
 * Everything measured about the cleaner in one run over the same pages: word F1, structure, metadata and speed, beside the peers.
 *
 *   npm run eval -- --data DIR [--step N]
 *
 * Word F1 here is of the plain text of each tool's Markdown; training pages are among the benchmark's, so the cross-validated
 * number is the one in docs/extraction.md.
 */
import { parseArgs } from 'node:util'
import { bagF1 } from './features'
import { FIELDS, metadataScores } from './metadata'
import { pageIds, readPage } from './pages'
import { run, TOOLS, type Tool } from './peers'
import { addBenchmarkPage, mean, StructureScore, scoreFixtures } from './structure'
import { plainWords } from './words'

class Columns {
  private readonly values = new Map<string, number[]>()

  add(name: string, tool: Tool, value: number | null): void {
    if (value === null) return
    const key = `${name} ${tool}`
    const known = this.values.get(key)
    if (known) known.push(value)
    else this.values.set(key, [value])
  }

  of(name: string, tool: Tool): number[] {
    return this.values.get(`${name} ${tool}`) ?? []
  }
}

const { values } = parseArgs({ options: { data: { type: 'string' }, step: { type: 'string', default: '1' } } })
if (values.data === undefined) throw new Error('usage: npm run eval -- --data DIR [--step N]')

const structure = new StructureScore()
const columns = new Columns()
const ids = pageIds(values.data, Number(values.step))
for (const id of ids) {
  const page = readPage(values.data, id)
  for (const tool of TOOLS) {
    const output = await run(tool, page.html, page.url)
    columns.add('ms', tool, output.ms)
    columns.add('word F1', tool, bagF1(plainWords(output.markdown), plainWords(page.truth.main_content ?? '')))
    const fields = metadataScores(output, page.truth)
    for (const field of FIELDS) columns.add(field, tool, fields[field])
    if (page.truth.main_content_markdown) {
      addBenchmarkPage(structure, tool, output, page.truth.main_content_markdown, page.url)
    }
  }
}

const row = (name: string, cell: (tool: Tool) => string): string => `| ${name} | ${TOOLS.map(cell).join(' | ')} |`
const at = (part: number, times: number[]): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0

console.log(`${ids.length} pages\n`)
console.log(row('measure', (tool) => tool))
console.log(row('---', () => '---'))
for (const name of ['word F1', ...FIELDS]) console.log(row(name, (tool) => mean(columns.of(name, tool)).toFixed(3)))
console.log(row('ms, median', (tool) => at(0.5, columns.of('ms', tool)).toFixed(0)))
console.log(row('ms, p99', (tool) => at(0.99, columns.of('ms', tool)).toFixed(0)))
console.log(`\n${structure.table('structure, benchmark')}`)
console.log(`\n${(await scoreFixtures()).table('structure, our fixtures')}`)
