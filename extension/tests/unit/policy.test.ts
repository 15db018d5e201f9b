// @vitest-environment node
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import config from '../../wxt.config'

/** The policy of our pages in what is built for a store, by directive. */
async function policy(): Promise<Record<string, string>> {
  const { manifest } = config
  if (typeof manifest !== 'function') throw new Error('the manifest is no function')
  const env = { browser: 'chrome', manifestVersion: 3, mode: 'production', command: 'build' } as const
  const { content_security_policy: policies } = (await manifest(env)) as {
    content_security_policy: { extension_pages: string }
  }
  const directives = policies.extension_pages.split(';').map((directive) => directive.trim().split(' '))
  return Object.fromEntries(directives.map(([name = '', ...sources]) => [name, sources.join(' ')]))
}

it('our pages run no code but their own, are framed by nobody and send no form', async () => {
  expect(await policy()).toMatchObject({
    'default-src': "'self'",
    'script-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  })
})

it('no line that is shipped takes a string for HTML', () => {
  const root = new URL('../..', import.meta.url).pathname
  expect(() => execFileSync('node', ['scripts/ban-unsafe-html.mjs'], { cwd: root, stdio: 'pipe' })).not.toThrow()
})
