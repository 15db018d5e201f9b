/**
 * What checking an answer costs: milliseconds for each kind of page that `python -m bench.fidelity --pages FILE` writes.
 *
 *   npm run fidelity -- FILE
 *
 * The first line is the first check of the process, before anything is compiled; the table has the best of many.
 */
import { readFileSync } from 'node:fs'
import { verify } from '../ai/verify'

const ROUNDS = 25

interface Case {
  kind: string
  source: string
  answers: Record<string, string>
}

function timeOf(source: string, answer: string): number {
  const start = performance.now()
  verify(source, answer)
  return performance.now() - start
}

const [file] = process.argv.slice(2)
if (!file) throw new Error('usage: npm run fidelity -- FILE')
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[]
const row = (cells: readonly string[]) => cells.map((cell) => cell.padStart(10)).join('')
for (const [place, { kind, source, answers }] of cases.entries()) {
  if (place === 0) {
    const cold = timeOf(source, Object.values(answers)[0] ?? '')
    console.log(`The very first check, ${kind}: ${cold.toFixed(0)} ms`)
    console.log(`${' '.repeat(15)}${row(Object.keys(answers))}   ms for 100 kB`)
  }
  const best = Object.values(answers).map((answer) =>
    Math.min(...Array.from({ length: ROUNDS }, () => timeOf(source, answer))),
  )
  console.log(kind.padEnd(15) + row(best.map((ms) => ms.toFixed(2))))
}
