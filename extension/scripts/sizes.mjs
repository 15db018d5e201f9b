/** Builds and zips, then prints the sizes that have a limit, and fails over one. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

execFileSync('npx', ['wxt', 'zip'], { stdio: 'ignore' })

const output = '.output/chrome-mv3'
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const gzipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length

// The popup starts with one chunk and pulls in the others; only the offscreen document's is not its.
const chunks = readdirSync(join(output, 'chunks')).filter((name) => !name.startsWith('offscreen'))
const scripts = chunks.map((name) => join(output, 'chunks', name))
const zip = readdirSync('.output').find((name) => name.endsWith(`${version}-chrome.zip`))
if (scripts.length === 0 || !zip) throw new Error('the build does not look as expected')

const rows = [
  ['popup scripts, gzipped', scripts.reduce((sum, path) => sum + gzipped(path), 0), 40_000],
  ['capture script, gzipped', gzipped(join(output, 'capture.js')), null],
  ['worker, gzipped', gzipped(join(output, 'background.js')), null],
  ['zip', statSync(join('.output', zip)).size, 1_000_000],
]
for (const [name, bytes, limit] of rows) {
  console.log(`${name.padEnd(26)} ${(bytes / 1000).toFixed(1).padStart(7)} kB${limit ? `  of ${limit / 1000} kB` : ''}`)
}
if (rows.some(([, bytes, limit]) => limit !== null && bytes > limit)) process.exit(1)
