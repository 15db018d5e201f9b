/**
 * The places a user's own key can go. Nothing here is secret: the popup lists them, the background talks to them.
 *
 * Base addresses as the providers document them; every one but Anthropic speaks the OpenAI dialect there.
 */
export type ProviderId = 'groq' | 'openrouter' | 'openai' | 'gemini' | 'anthropic' | 'custom'

export interface Provider {
  id: ProviderId
  label: string
  /** Null where the user gives the address. */
  baseUrl: string | null
  dialect: 'openai' | 'anthropic'
  /** Where the user gets a key; null where none is needed. */
  keyPage: string | null
  /** What a key usually begins with, for the placeholder alone: no key is ever refused for its looks. */
  keyLooksLike: string
}

export const PROVIDERS: readonly Provider[] = [
  {
    id: 'groq',
    label: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    dialect: 'openai',
    keyPage: 'https://console.groq.com/keys',
    keyLooksLike: 'gsk_…',
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    dialect: 'openai',
    keyPage: 'https://openrouter.ai/settings/keys',
    keyLooksLike: 'sk-or-…',
  },
  {
    id: 'openai',
    label: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    dialect: 'openai',
    keyPage: 'https://platform.openai.com/api-keys',
    keyLooksLike: 'sk-…',
  },
  {
    id: 'gemini',
    label: 'Google Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    dialect: 'openai',
    keyPage: 'https://aistudio.google.com/apikey',
    keyLooksLike: 'AIza…',
  },
  {
    id: 'anthropic',
    label: 'Anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    dialect: 'anthropic',
    keyPage: 'https://console.anthropic.com/settings/keys',
    keyLooksLike: 'sk-ant-…',
  },
  { id: 'custom', label: 'Other address', baseUrl: null, dialect: 'openai', keyPage: null, keyLooksLike: 'optional' },
]

export function providerOf(id: ProviderId): Provider {
  const found = PROVIDERS.find((provider) => provider.id === id)
  if (!found) throw new Error('unknown provider')
  return found
}

/**
 * The match pattern to ask for before talking to `baseUrl`, for `permissions.request` inside the user's press.
 * Match patterns know no ports: `http://localhost/*` covers `http://localhost:11434`.
 */
export function originPattern(baseUrl: string): string {
  const { protocol, hostname } = new URL(baseUrl)
  return `${protocol}//${hostname}/*`
}

/**
 * Why `baseUrl` can't be used, or null if it can. Keys travel encrypted, except to this very computer.
 */
export function baseUrlProblem(baseUrl: string): 'not-an-address' | 'not-encrypted' | 'has-credentials' | null {
  if (!URL.canParse(baseUrl)) return 'not-an-address'
  const { protocol, hostname, username, password } = new URL(baseUrl)
  if (username !== '' || password !== '') return 'has-credentials'
  if (protocol === 'https:') return null
  if (protocol !== 'http:') return 'not-an-address'
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]' ? null : 'not-encrypted'
}
