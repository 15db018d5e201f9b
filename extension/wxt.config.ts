import { defineConfig } from 'wxt'

/**
 * Where our API lives, by build mode. Development talks to the local host (`make run`); a store build takes its origin
 * from `WXT_API_ORIGIN`, and without it points at a name that can never resolve, so that a build somebody forgot to
 * configure fails towards Offline Mode and never towards a stranger's server.
 */
function apiOrigin(mode: string): string {
  const asked = process.env.WXT_API_ORIGIN
  if (asked) return new URL(asked).origin
  return mode === 'production' ? 'https://api.promptready.invalid' : 'http://127.0.0.1:7071'
}

/** Providers a user's own key can be sent to; each host is asked for when its key is first used, never at install. */
const providerHosts = [
  'https://api.groq.com/*',
  'https://openrouter.ai/*',
  'https://api.openai.com/*',
  'https://generativelanguage.googleapis.com/*',
  'https://api.anthropic.com/*',
  // Any OpenAI-compatible address. A match pattern without a port covers every port, which a local model needs.
  'http://localhost/*',
  'http://127.0.0.1/*',
  'https://*/*',
]

export default defineConfig({
  imports: false,
  manifestVersion: 3,
  modulesDir: 'wxt-modules',
  vite: ({ mode }) => ({
    define: { __API_ORIGIN__: JSON.stringify(apiOrigin(mode)) },
    build: { target: 'chrome116' },
  }),
  manifest: ({ browser, mode }) => ({
    name: 'PromptReady',
    description: 'Turns the page you are on into clean, cited Markdown for a prompt.',
    permissions: ['activeTab', 'scripting', 'storage', 'identity', 'clipboardWrite', 'contextMenus'],
    host_permissions: [`${apiOrigin(mode)}/*`],
    optional_permissions: browser === 'firefox' ? [] : ['identity.email'],
    optional_host_permissions: providerHosts,
    content_security_policy: {
      extension_pages:
        "script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
    ...(browser === 'firefox'
      ? { browser_specific_settings: { gecko: { id: 'promptready@promptready.example', strict_min_version: '128.0' } } }
      : { minimum_chrome_version: '116' }),
    commands: {
      'copy-page': {
        suggested_key: { default: 'Alt+Shift+M' },
        description: 'Copy this page for a prompt',
      },
    },
  }),
})
