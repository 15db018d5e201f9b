import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'clean-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ADDRESS = ['--url', 'https://example.org/page']

interface Ended {
  code: number
  said: string
  complained: string
}

function clean(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'cli/clean.ts', ...args], (error, said, complained) =>
      resolve({ code: error === null ? 0 : Number(error.code), said, complained: complained.trim() }),
    )
  })
}

function fileOf(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

test.concurrent('a page comes out as Markdown', async () => {
  const page = fileOf('page.html', '<h1>Tides</h1><p>The moon pulls the sea twice a day.</p>')
  const { code, said } = await clean(page, ...ADDRESS)
  expect({ code, said }).toEqual({ code: 0, said: 'The moon pulls the sea twice a day.\n' })
})

test.concurrent.each([
  ['no such file', join(folder, 'none.html'), 'no such file or directory.'],
  ['a folder', folder, 'illegal operation on a directory.'],
  ['packed badly', fileOf('page.html.gz', 'not packed'), 'incorrect header check.'],
])('what can not be read is told in a sentence: %s', async (_, file, reason) => {
  const { code, complained } = await clean(file, ...ADDRESS)
  expect({ code, complained }).toEqual({ code: 1, complained: `${file} can't be read: ${reason}` })
})

test.concurrent('an address that is none is told', async () => {
  const { code, complained } = await clean('-', '--url', 'nonsense')
  expect({ code, complained }).toEqual({
    code: 1,
    complained: "nonsense is no address; --url takes the page's own, whole.",
  })
})
