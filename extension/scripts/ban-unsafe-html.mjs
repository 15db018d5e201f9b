/**
 * Fails when shipped code treats a string as HTML. What we show comes from strangers' pages and from models, so text
 * goes in as text, always. Reading `innerHTML` is banned too: it is how such code begins.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const notShipped = new Set(['node_modules', '.output', '.wxt', 'tests', 'cli', 'training', 'scripts', 'test-results'])
const banned =
  /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|setHTMLUnsafe)\b|\.srcdoc\b|document\.write(ln)?\b/
// A comment may name what it avoids.
const isComment = /^\s*(\/\/|\*|\/\*)/

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (notShipped.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.tsx?$/.test(entry.name)) yield path
  }
}

const offences = []
for (const file of sources('.')) {
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (banned.test(line) && !isComment.test(line)) offences.push(`${file}:${index + 1}: ${line.trim()}`)
  }
}

if (offences.length > 0) {
  console.error(offences.join('\n'))
  console.error('These lines treat strings as HTML: use text nodes, textContent or DOM methods.')
  process.exit(1)
}
