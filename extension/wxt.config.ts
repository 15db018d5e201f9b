import { defineConfig } from 'wxt'

/**
 * Where our API lives, by build. Development talks to the local host (`make run`), the end-to-end tests to a name that
 * each test maps to a backend of its own. A store build takes its origin from `WXT_API_ORIGIN`; without it, it points
 * at a name that can never resolve, so that a build somebody forgot to configure fails towards Offline Mode and never
 * towards a stranger's server.
 */
function apiOrigin(mode: string): string {
  const asked = process.env.WXT_API_ORIGIN
  if (asked) return new URL(asked).origin
  const origins: Record<string, string> = { development: 'http://127.0.0.1:7071', e2e: 'http://localhost:7071' }
  return origins[mode] ?? 'https://api.promptready.invalid'
}

/** Firefox refuses a match pattern with a port; one without covers every port, in Chrome too. */
function hostPattern(origin: string): string {
  const { protocol, hostname } = new URL(origin)
  return `${protocol}//${hostname}/*`
}

/** Where a user's own key can go. None of it is granted at install: the popup asks for one host when it is needed. */
const providerHosts = [
  'https://api.groq.com/*',
  'https://openrouter.ai/*',
  'https://api.openai.com/*',
  'https://generativelanguage.googleapis.com/*',
  'https://api.anthropic.com/*',
  // Any OpenAI-compatible address, a model on this very computer among them.
  'http://localhost/*',
  'http://127.0.0.1/*',
  'https://*/*',
]

export default defineConfig({
  imports: false,
  manifestVersion: 3,
  vite: ({ mode }) => ({
    define: { __API_ORIGIN__: JSON.stringify(apiOrigin(mode)) },
    // Everything is on this very disk; the popup's second script is not wanted before its first paint.
    build: { target: 'chrome116', modulePreload: false },
  }),
  manifest: ({ browser, command, mode }) => {
    // `npm run dev` serves styles from there; nothing that is built ever does.
    const styles = command === 'serve' ? "'self' 'unsafe-inline' http://localhost:3000" : "'self' 'unsafe-inline'"
    const permissions = ['activeTab', 'scripting', 'storage', 'identity', 'clipboardWrite', 'contextMenus']
    const manifest = {
      name: process.env.WXT_NAME ?? 'PromptReady',
      description: 'Turns the page you are on into clean, cited Markdown for a prompt.',
      host_permissions: [hostPattern(apiOrigin(mode))],
      optional_host_permissions: providerHosts,
      content_security_policy: {
        extension_pages: `default-src 'self'; script-src 'self'; style-src ${styles}; connect-src *; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      },
      commands: {
        // Alt+Shift+C would be the obvious one, and Chrome silently does not assign it.
        'copy-page': { suggested_key: { default: 'Alt+Shift+M' }, description: 'Copy this page for a prompt' },
      },
    }
    if (browser === 'firefox') {
      const gecko = { id: 'extension@promptready.invalid', strict_min_version: '128.0' }
      return { ...manifest, permissions, browser_specific_settings: { gecko } }
    }
    return {
      ...manifest,
      // 'offscreen' (no warning to the user) is the worker's only way to the clipboard: see clipboard.ts.
      permissions: [...permissions, 'offscreen'],
      optional_permissions: ['identity.email'],
      // AbortSignal.any, with which every request gets its deadline, and an offscreen document's `hasDocument`.
      minimum_chrome_version: '116',
    }
  },
})
