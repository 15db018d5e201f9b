/**
 * The user's own keys. Read by the background alone, each pinned to the origin it was saved for; no message, log,
 * error, sync or export ever holds one.
 *
 * `storage.local` is plain text on the disk. Encrypting it with a key that lies beside it would only look safer.
 */
import * as v from 'valibot'
import { browser } from 'wxt/browser'
import type { SavedKey } from '../messages'
import { type ProviderId, providerOf } from './providers'

export interface Connection {
  provider: ProviderId
  /** Without a slash at its end. */
  baseUrl: string
  /** '' where none is needed. */
  key: string
}

const entry = v.object({ baseUrl: v.pipe(v.string(), v.url()), key: v.string(), model: v.string() })
const vault = v.object({
  active: v.nullable(v.picklist(['groq', 'openrouter', 'openai', 'gemini', 'anthropic', 'custom'])),
  entries: v.object({
    groq: v.optional(entry),
    openrouter: v.optional(entry),
    openai: v.optional(entry),
    gemini: v.optional(entry),
    anthropic: v.optional(entry),
    custom: v.optional(entry),
  }),
})
type Vault = v.InferOutput<typeof vault>

const STORAGE_KEY = 'keys'

/** Before anything else: content scripts could read `storage.local` otherwise. */
export async function lockStorage(): Promise<void> {
  await browser.storage.local.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' })
}

export async function saveKey({ provider, ...saved }: Connection & { model: string }): Promise<void> {
  const { entries } = await read()
  await write({ active: provider, entries: { ...entries, [provider]: saved } })
}

export async function removeKey(provider: ProviderId): Promise<void> {
  const { active, entries } = await read()
  const left = { ...entries }
  delete left[provider]
  await write({ active: active === provider ? null : active, entries: left })
}

/** The connection AI Mode uses with an own key, null without one. */
export async function activeKey(): Promise<(Connection & { model: string }) | null> {
  const { active, entries } = await read()
  const saved = active === null ? undefined : entries[active]
  return active !== null && saved ? { provider: active, ...saved } : null
}

/** The key saved for this provider, but only for the origin it was saved for. */
export async function savedKeyFor(provider: ProviderId, baseUrl: string): Promise<string | null> {
  const saved = (await read()).entries[provider]
  return saved && new URL(saved.baseUrl).origin === new URL(baseUrl).origin ? saved.key : null
}

export async function listKeys(): Promise<SavedKey[]> {
  const { active, entries } = await read()
  const providers = Object.keys(entries) as ProviderId[]
  return providers.flatMap((provider) => {
    const saved = entries[provider]
    if (!saved) return []
    const { label } = providerOf(provider)
    const { host } = new URL(saved.baseUrl)
    const { baseUrl, model } = saved
    return [{ provider, label, host, baseUrl, model, maskedKey: masked(saved.key), isActive: provider === active }]
  })
}

/** Enough to recognise a key by, too little to use: its first and last four, and of a short one nothing. */
export function masked(key: string): string | null {
  if (key === '') return null
  return key.length < 16 ? '••••••••' : `${key.slice(0, 4)}••••••••${key.slice(-4)}`
}

async function read(): Promise<Vault> {
  const stored: Record<string, unknown> = await browser.storage.local.get(STORAGE_KEY)
  const parsed = v.safeParse(vault, stored[STORAGE_KEY])
  return parsed.success ? parsed.output : { active: null, entries: {} }
}

async function write(next: Vault): Promise<void> {
  await browser.storage.local.set({ [STORAGE_KEY]: next })
}
