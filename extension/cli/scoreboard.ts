/** What each tool scored on each measure, page by page, and the one table it makes. */
import type { Score } from './features'
import { TOOLS, type Tool } from './peers'

/** How a measure's pages become one number: the mean of scores, or a point of a distribution of times. */
export type Summary = 'score' | 'median' | 'p99'

export interface Row {
  readonly name: string
  readonly measure: string
  readonly summary: Summary
}

type Value = number | Score

export class Scoreboard {
  private readonly values = new Map<string, Value[]>()
  private readonly counts = new Map<string, number>()

  /** Notes a page's score; null, where the page has nothing to find, counts for nobody. */
  add(measure: string, tool: Tool, value: Value | null): void {
    if (value === null) return
    const key = `${measure}\n${tool}`
    const known = this.values.get(key)
    if (known) known.push(value)
    else this.values.set(key, [value])
  }

  /** Says how many pages a measure's single, quoted number stands for. */
  count(measure: string, pages: number): void {
    this.counts.set(measure, pages)
  }

  /** @returns a Markdown table of the rows that anything was noted for; the best of each row is bold */
  table(rows: readonly Row[], options: { hasDetail: boolean }): string {
    const lines = rows
      .filter(({ measure }) => TOOLS.some((tool) => this.of(measure, tool).length > 0))
      .map((row) => this.row(row, options.hasDetail))
    return [
      `| | pages | ${TOOLS.join(' | ')} |`,
      `| --- | --- | ${TOOLS.map(() => '---').join(' | ')} |`,
      ...lines,
    ].join('\n')
  }

  private of(measure: string, tool: Tool): readonly Value[] {
    return this.values.get(`${measure}\n${tool}`) ?? []
  }

  private row({ name, measure, summary }: Row, hasDetail: boolean): string {
    const columns = TOOLS.map((tool) => this.of(measure, tool))
    const results = columns.map((values) => (values.length === 0 ? null : summarise(values, summary)))
    const known = results.filter((result) => result !== null)
    const best = summary === 'score' ? Math.max(...known) : Math.min(...known)
    const cells = results.map((result, index) => {
      if (result === null) return '–'
      const text = result.toFixed(summary === 'score' ? 3 : 0)
      const detail = hasDetail ? balance(columns[index] ?? []) : ''
      return `${text === best.toFixed(summary === 'score' ? 3 : 0) && known.length > 1 ? `**${text}**` : text}${detail}`
    })
    return `| ${name} | ${this.counts.get(measure) ?? columns[0]?.length ?? 0} | ${cells.join(' | ')} |`
  }
}

function summarise(values: readonly Value[], summary: Summary): number {
  const numbers = values.map((value) => (typeof value === 'number' ? value : value.f1))
  if (summary === 'score') return mean(numbers)
  const sorted = [...numbers].sort((a, b) => a - b)
  const part = summary === 'median' ? 0.5 : 0.99
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}

/** Precision and recall beside an F1, so that a tool that finds little and one that invents much can be told apart. */
function balance(values: readonly Value[]): string {
  const scores = values.filter((value): value is Score => typeof value !== 'number')
  if (scores.length === 0) return ''
  const precisions = scores.flatMap(({ precision }) => (precision === null ? [] : [precision]))
  return ` (${short(mean(precisions))} / ${short(mean(scores.map(({ recall }) => recall)))})`
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
}

function short(value: number): string {
  return value === 1 ? '1' : value.toFixed(2).replace(/^0/, '')
}
