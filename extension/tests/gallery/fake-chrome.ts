/** What the popup needs of Chrome, in a page of its own: real storage semantics, and a background that only knows one scene. */

export interface Scene {
  /** What the address bar's tab is. */
  tab: { title: string; url: string }
  local?: Record<string, unknown>
  session?: Record<string, unknown>
  /** By message: what the background answers. A missing one never answers. */
  replies?: Record<string, unknown>
  /** What the browser's permission question is answered with. */
  allows?: boolean | 'closes'
  /** Permissions already given. */
  has?: readonly string[]
}

export interface FakeChrome {
  /** Every message the popup sent, in order. */
  sent: Record<string, unknown>[]
  /** As the background would: change what is stored. */
  store: (area: 'local' | 'session', key: string, value: unknown) => void
  stored: (area: 'local' | 'session', key: string) => unknown
}

/** Runs inside the page, before the popup: it can refer to nothing outside itself. The scene is in the page's address. */
export function installFakeChrome(): void {
  if (location.search === '') return
  const scene: Scene = JSON.parse(decodeURIComponent(location.search.slice(1)))
  type Changes = Record<string, { oldValue?: unknown; newValue?: unknown }>
  const area = (initial: Record<string, unknown> = {}) => {
    const items: Record<string, unknown> = { ...initial }
    const listeners = new Set<(changes: Changes) => void>()
    const put = (values: Record<string, unknown>) => {
      const changes: Changes = {}
      for (const [key, newValue] of Object.entries(values)) {
        changes[key] = { oldValue: items[key], newValue }
        items[key] = newValue
      }
      for (const listener of [...listeners]) listener(changes)
    }
    return {
      get: async (keys: string | string[]) =>
        Object.fromEntries([keys].flat().flatMap((key) => (key in items ? [[key, items[key]]] : []))),
      set: async (values: Record<string, unknown>) => put(JSON.parse(JSON.stringify(values))),
      remove: async (keys: string | string[]) => {
        for (const key of [keys].flat()) delete items[key]
      },
      onChanged: {
        addListener: (listener: (changes: Changes) => void) => listeners.add(listener),
        removeListener: (listener: (changes: Changes) => void) => listeners.delete(listener),
      },
      put,
      items,
    }
  }
  const local = area(scene.local)
  const session = area(scene.session)
  const has = new Set(scene.has)
  const fake: FakeChrome = {
    sent: [],
    store: (name, key, value) => (name === 'local' ? local : session).put({ [key]: value }),
    stored: (name, key) => (name === 'local' ? local : session).items[key],
  }
  const chrome = {
    runtime: {
      id: 'gallery',
      getURL: (path: string) => path,
      connect: () => ({ disconnect: () => {}, onDisconnect: { addListener: () => {}, removeListener: () => {} } }),
      sendMessage: (message: Record<string, unknown>) => {
        fake.sent.push(message)
        const reply = scene.replies?.[String(message.do)]
        if (reply === undefined) return new Promise(() => {})
        return Promise.resolve(reply === 'fails' ? { ok: false } : { ok: true, value: reply })
      },
    },
    storage: { local, session, sync: area() },
    tabs: { query: async () => [{ id: 1, ...scene.tab }], create: async () => ({}) },
    commands: { getAll: async () => [{ name: 'copy-page', shortcut: 'Alt+Shift+M' }] },
    permissions: {
      contains: async ({ permissions = [], origins = [] }: { permissions?: string[]; origins?: string[] }) =>
        [...permissions, ...origins].every((name) => has.has(name)),
      // 'closes': as on most systems, where the question closes the popup and its answer reaches nobody.
      request: () => (scene.allows === 'closes' ? new Promise(() => {}) : Promise.resolve(scene.allows ?? true)),
      remove: async () => true,
    },
  }
  Object.defineProperty(globalThis, 'chrome', { value: chrome })
  Object.defineProperty(globalThis, 'fake', { value: fake })
}
