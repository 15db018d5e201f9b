// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { render } from 'preact'
import { describe, expect, it, vi } from 'vitest'
import { browser } from 'wxt/browser'
import { App } from '../../../entrypoints/popup/app'

// Styles are of no interest here, and this DOM would complain about them.
const html = readFileSync('entrypoints/popup/index.html', 'utf8').replace(/<link[^>]*>/g, '')

describe('the static shell of the popup', () => {
  it('is what the app draws before anyone has answered, so that nothing jumps when the script takes over', () => {
    vi.spyOn(browser.runtime, 'connect').mockReturnValue({ onDisconnect: { addListener() {} } } as never)
    const shell = new DOMParser().parseFromString(html, 'text/html').getElementById('app') as HTMLElement
    const drawn = document.createElement('div')
    render(<App />, drawn)
    expect(outline(shell)).toBe(outline(drawn))
  })
})

/** Elements, attributes and words; not the white space between tags, nor what is set on an element and not in its markup. */
function outline(node: Element, depth = 0): string {
  const attributes = [...node.attributes]
    .map(({ name, value }) => `${name}="${value}"`)
    .filter((attribute) => !attribute.startsWith('autofocus') && !attribute.startsWith('checked'))
    .sort()
  const words = [...node.childNodes]
    .filter((child) => child.nodeType === 3)
    .map((child) => child.textContent?.trim())
    .join('')
  const head = `${' '.repeat(depth)}${node.tagName.toLowerCase()} ${attributes.join(' ')} ${words}`.trimEnd()
  return [depth === 0 ? '' : head, ...[...node.children].map((child) => outline(child, depth + 1))].join('\n')
}
