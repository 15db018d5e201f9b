/** Where AI Mode sends a page: our server with free credits, or the provider of the user's own key. */
import type { Via } from '../job'
import type { Destination } from '../orchestrator'
import type { Settings } from '../storage'
import type { Backend } from './backend'
import { createByok, type HostCheck } from './byok'
import type { Connection } from './keys'
import { providerOf } from './providers'

interface Deps {
  apiOrigin: string
  backend: Backend
  activeKey(): Promise<(Connection & { model: string }) | null>
  isHostAllowed: HostCheck
}

export function createDestination(deps: Deps): (settings: Settings) => Promise<Destination> {
  return async ({ aiSource }) => {
    if (aiSource === 'free') {
      const via: Via = { kind: 'free', host: new URL(deps.apiOrigin).host }
      return { via, origin: deps.apiOrigin, improver: deps.backend, problem: null }
    }
    const saved = await deps.activeKey()
    if (saved === null) {
      const via: Via = { kind: 'own-key', provider: '', label: '', model: '', host: '' }
      return { via, problem: { kind: 'key', cause: 'missing', host: '' } }
    }
    const { host, origin } = new URL(saved.baseUrl)
    const { id, label } = providerOf(saved.provider)
    const via: Via = { kind: 'own-key', provider: id, label, model: saved.model, host }
    return { via, origin, improver: createByok(saved, deps.isHostAllowed), problem: null }
  }
}
