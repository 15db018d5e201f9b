/**
 * What stays on the device, and where.
 *
 * | item | area | why there |
 * | --- | --- | --- |
 * | settings, credits, consent | local | survive restarts; parsed on every read, since an older version may have written them |
 * | jobs, notice | session | in memory only: page text never reaches the disk, and it survives the worker |
 * | keys | local | background only, see ai/keys.ts |
 * | random user id | sync | see identity.ts |
 */
import * as v from 'valibot'
import { storage } from 'wxt/utils/storage'
import type { Run } from './ai/run'
import type { Job } from './job'
import type { Notice } from './messages'
import type { Jobs } from './orchestrator'

const settingsSchema = v.object({
  mode: v.fallback(v.picklist(['offline', 'ai']), 'offline'),
  /** Who improves in AI Mode: the free credits, or the active own key. */
  aiSource: v.fallback(v.picklist(['free', 'own-key']), 'free'),
  citation: v.fallback(v.picklist(['block', 'frontmatter', 'none']), 'block'),
  links: v.fallback(v.picklist(['keep', 'text']), 'keep'),
  images: v.fallback(v.picklist(['keep', 'alt', 'none']), 'keep'),
  /** `{title}`, `{site}`, `{date}` stand for what they say; `.md` is added. */
  fileName: v.fallback(v.pipe(v.string(), v.minLength(1), v.maxLength(200)), '{title}'),
})
export type Settings = v.InferOutput<typeof settingsSchema>
export const DEFAULT_SETTINGS: Settings = v.parse(settingsSchema, {})

const creditsSchema = v.object({
  remaining: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Null while the server has not said. */
  cohort: v.nullable(v.picklist(['A', 'B', 'C'])),
  /** Epoch milliseconds. */
  atMs: v.number(),
})
/** What the server said last. */
export type Credits = v.InferOutput<typeof creditsSchema>

export interface Item<T> {
  get(): Promise<T>
  set(value: T): Promise<void>
  /** Calls back with every change, from whatever part of the extension. Returns what stops it. */
  watch(onChange: (value: T) => void): () => void
}

function item<T>(key: `local:${string}` | `session:${string}`, parse: (raw: unknown) => T): Item<T> {
  return {
    get: async () => parse(await storage.getItem(key)),
    set: (value) => storage.setItem(key, value),
    watch: (onChange) => storage.watch<unknown>(key, (raw) => onChange(parse(raw))),
  }
}

function orNull<S extends v.GenericSchema>(schema: S): (raw: unknown) => v.InferOutput<S> | null {
  return (raw) => {
    const parsed = v.safeParse(schema, raw)
    return parsed.success ? parsed.output : null
  }
}

export const settings: Item<Settings> = item('local:settings', (raw) =>
  v.parse(settingsSchema, typeof raw === 'object' && raw !== null ? raw : {}),
)

/** Null until the server has been asked. */
export const credits: Item<Credits | null> = item('local:credits', orNull(creditsSchema))

/** The origins the user has agreed to send page text to. */
export const consents: Item<string[]> = item('local:consents', (raw) => orNull(v.array(v.string()))(raw) ?? [])

/** True once the credits are tied to the browser's account and survive a reinstall; `identity.keep` sets it. */
export const keepsCredits: Item<boolean> = item('local:keepsCredits', (raw) => raw === true)

// `storage.session` is emptied whenever the extension is updated: what is in there was written by this very code.
export const notice: Item<Notice | null> = item('session:notice', (raw) => raw as Notice | null)

/** The job of a page, by the id that `open` answered. */
export const jobItem = (id: string): Item<Job | null> => item(`session:job:${id}`, (raw) => raw as Job | null)

const runItem = (id: string): Item<Run | null> => item(`session:run:${id}`, (raw) => raw as Run | null)

/** The background's side of the jobs. */
export const jobs: Jobs = {
  get: (id) => jobItem(id).get(),
  put: (job) => jobItem(job.id).set(job),
  getRun: (id) => runItem(id).get(),
  putRun: (id, run) => runItem(id).set(run),
  ids: async () =>
    Object.keys(await storage.snapshot('session'))
      .filter((key) => key.startsWith('job:'))
      .map((key) => key.slice('job:'.length)),
  remove: (id) => storage.removeItems([`session:job:${id}`, `session:run:${id}`]),
}

const exportSchema = v.object({ promptready: v.literal('settings'), settings: settingsSchema })

/** Settings as a file's text. No key, no id, no page. */
export async function exportSettings(): Promise<string> {
  return `${JSON.stringify({ promptready: 'settings', settings: await settings.get() }, null, 2)}\n`
}

/** Takes what `exportSettings` wrote. False, and nothing changed, if it is anything else. */
export async function importSettings(text: string): Promise<boolean> {
  const parsed = v.safeParse(v.pipe(v.string(), v.maxLength(100_000), v.parseJson(), exportSchema), text)
  if (parsed.success) await settings.set(parsed.output.settings)
  return parsed.success
}

export const resetSettings = (): Promise<void> => settings.set(DEFAULT_SETTINGS)
