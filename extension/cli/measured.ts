import { appendFileSync } from 'node:fs'

/** Writes a measurement as one line of JSON where `make bench` asks for it. */
export function measured(what: string, facts: Record<string, number | string>): void {
  if (process.env.BENCH_OUT) appendFileSync(process.env.BENCH_OUT, `${JSON.stringify({ what, ...facts })}\n`)
}
