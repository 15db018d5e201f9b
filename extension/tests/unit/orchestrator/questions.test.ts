/** What is asked before anything is sent: where it goes, and what it costs. */
import { beforeEach, describe, expect, it } from 'vitest'
import { FREE, ID, job, LONG, opened, PRESS, reset, world } from './world'

beforeEach(reset)

describe('before anything is sent', () => {
  it('asks for consent, and remembers it', async () => {
    world.consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ state: 'asking', question: { about: 'consent', via: FREE } })
    expect(world.sent).toEqual([])
    await orchestrator.improve(ID, { ...PRESS, consented: true })
    expect(await job()).toMatchObject({ state: 'improved' })
    expect([...world.consents]).toEqual(['https://api.example.org'])
  })

  it('says what a long page costs, and does not take consent for a yes to that', async () => {
    world.consents.clear()
    world.markdown = LONG
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, consented: true })
    expect(await job()).toMatchObject({
      state: 'asking',
      question: { about: 'long-page', parts: 3, creditsLeft: 5 },
    })
    expect(world.sent).toEqual([])
  })

  it('asks for an own key that is not there', async () => {
    world.destination = { via: FREE, problem: { kind: 'key', cause: 'missing', host: '' } }
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'key', cause: 'missing' } })
  })

  it('goes back to the offline result', async () => {
    world.consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    await orchestrator.keepOffline(ID)
    expect(await job()).toMatchObject({ state: 'ready' })
  })
})
