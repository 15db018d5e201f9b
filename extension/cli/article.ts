/** Pages of any size for measuring: paragraphs with links, and now and then a heading, a table and code. */
export const SIZES_KB = [10, 30, 100, 300, 1000, 3000]

export function articleOf(bytes: number): string {
  const paragraphs: string[] = []
  for (let size = 0, n = 1; size < bytes; n += 1) {
    const text = `<p>Paragraph ${n}: the <a href="/garden/${n}">garden of ${n} leaves</a> was planted in ${1500 + (n % 500)}, and its <em>masters</em> agree that <code>patience(${n})</code> matters more than haste, noise, or measuring spoons of the wrong size.</p>\n`
    const block =
      n % 12 === 0
        ? `<h2>Chapter ${n}</h2>\n<table><tr><th>Tea</th><th>Minutes</th></tr><tr><td>${n}</td><td>4</td></tr></table>\n<pre><code class="language-js">steep(${n})\nwait(4)</code></pre>\n${text}`
        : text
    paragraphs.push(block)
    size += block.length
  }
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The long garden</title></head><body><nav><a href="/">Home</a></nav><main><article><h1>The long garden</h1>\n${paragraphs.join('')}</article></main><footer>The end</footer></body></html>`
}
