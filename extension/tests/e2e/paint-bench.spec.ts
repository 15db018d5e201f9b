/**
 * Prints how long the popup takes from its opening to its first paint and to answering a press, beside an extension
 * whose popup is one word: what that takes is Chromium's own. Openings alternate, so that both meet the same machine.
 */
import { cpSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import { measured } from '../../cli/measured'
import { article, expect, TEA, test } from './fixtures'
import { Installed } from './installed'

const OPENINGS = 15
const ONE_WORD = '<!doctype html><meta charset="utf-8"><body style="width: 380px">Hello<script src="/mark.js"></script>'

const timeOf = (name: string) => `performance.getEntriesByName('${name}')[0]?.startTime`

function median(times: number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1] as number
}

test('the popup first paints, printed', async ({ installed, page }, info) => {
  test.setTimeout(300_000)
  const oneWord = info.outputPath('one-word')
  cpSync(resolve(import.meta.dirname, '../../.output/chrome-mv3-e2e'), oneWord, { recursive: true })
  writeFileSync(resolve(oneWord, 'popup.html'), ONE_WORD)
  writeFileSync(resolve(oneWord, 'mark.js'), "performance.mark('interactive')")
  const floor = await Installed.launch(oneWord, info.outputPath('profile'))
  floor.network.pages.set(TEA, { body: article('tea.html') })
  const floorPage = await floor.context.newPage()
  await floorPage.goto(TEA)

  const paints: Record<'ours' | 'floor', number[]> = { ours: [], floor: [] }
  const answers: number[] = []
  // The first opening of a browser starts processes that stay.
  const firsts: number[] = []
  for (let opening = 0; opening <= OPENINGS; opening += 1) {
    for (const [whose, at, on] of [
      ['ours', installed, page],
      ['floor', floor, floorPage],
    ] as const) {
      const popup = await at.openPopup(on)
      await popup.until('painted', `${timeOf('first-contentful-paint')} > 0`)
      const paintMs = await popup.eval<number>(timeOf('first-contentful-paint'))
      if (opening === 0) firsts.push(paintMs)
      else paints[whose].push(paintMs)
      if (whose === 'ours' && opening > 0) answers.push(await popup.eval<number>(timeOf('interactive')))
      await popup.close()
    }
  }
  await floor.close()
  expect(Math.min(...paints.ours, ...paints.floor)).toBeGreaterThan(0)
  measured('popup', { paintMs: median(paints.ours), answersMs: median(answers), oneWordMs: median(paints.floor) })
  console.log(
    `popup: first paint ${median(paints.ours).toFixed(0)} ms, answers a press after ${median(answers).toFixed(0)} ms; a popup of one word paints after ${median(paints.floor).toFixed(0)} ms (medians of ${OPENINGS}; the first opening ${firsts.map((ms) => ms.toFixed(0)).join(' and ')} ms; load ${loadavg()[0]?.toFixed(1)})`,
  )
})
