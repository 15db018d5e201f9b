/** A page that is read: nothing is sent, whatever it says. */
import { beforeEach, describe, expect, it } from 'vitest'
import { pageOf } from '../page'
import { ID, improvedNow, job, opened, PRESS, reset, states, worker, world, YES } from './world'

beforeEach(reset)

describe('offline', () => {
  it('reads the page on opening and sends nothing', async () => {
    await opened()
    expect(await job()).toMatchObject({ state: 'ready', captured: { url: ID, page: { markdown: world.markdown } } })
    expect(states()).toEqual(['capturing', 'ready'])
    expect(world.asked).toEqual([{ links: 'text', images: 'keep' }])
    expect(world.sent).toEqual([])
  })

  it('reads anew on every opening', async () => {
    await opened()
    world.markdown = '# Coffee\n\nBeans.'
    await opened()
    expect(await job()).toMatchObject({ state: 'ready', captured: { page: { markdown: world.markdown } } })
  })

  it('says why a page cannot be read', async () => {
    world.read = { kind: 'unreadable', reason: 'store' }
    await opened()
    expect(await job()).toEqual({ state: 'unreadable', id: ID, reason: 'store' })
  })

  it('says when there is little text', async () => {
    const page = pageOf('Hi')
    world.read = { kind: 'page', url: ID, selectionWords: 0, page: { ...page, counts: { ...page.counts, words: 1 } } }
    await opened()
    expect(await job()).toMatchObject({ state: 'empty', captured: { page: { markdown: 'Hi' } } })
  })

  it.each(['selection', 'element'] as const)('takes a short %s at its word', async (scope) => {
    const page = pageOf('Hi')
    world.read = {
      kind: 'page',
      url: ID,
      selectionWords: 1,
      page: { ...page, scope, counts: { ...page.counts, words: 1 } },
    }
    await opened()
    expect(await job()).toMatchObject({ state: 'ready', captured: { page: { markdown: 'Hi' } } })
  })

  it('keeps a few pages, the newest, and every running one', async () => {
    const orchestrator = worker()
    world.answerPart = () => new Promise(() => {})
    await orchestrator.open(1, 'running')
    void orchestrator.improve('running', YES)
    for (let page = 0; page < 9; page += 1) {
      world.nowMs += 1
      await orchestrator.open(1, `page ${page}`)
    }
    expect([...world.jobs.jobs.keys()].sort()).toEqual(['page 4', 'page 5', 'page 6', 'page 7', 'page 8', 'running'])
  })
})

describe('switching to Offline Mode', () => {
  const MANY_PARTS = Array.from({ length: 9 }, (_, part) => `# Part ${part}\n\n${'a'.repeat(7_000)}`).join('\n\n')

  it('sends no further part of a page that is being improved, and keeps what came', async () => {
    world.markdown = MANY_PARTS
    const orchestrator = await opened()
    let switched = Promise.resolve()
    world.answerPart = async (part) => {
      world.mode = 'offline'
      switched = orchestrator.goOffline()
      return improvedNow(part)
    }
    await orchestrator.improve(ID, YES)
    await switched
    const sent = world.sent.length
    expect(sent).toBeLessThan(9)
    expect(await job()).toMatchObject({ state: 'improved', problem: { kind: 'cancelled' } })
    await Promise.resolve()
    expect(world.sent).toHaveLength(sent)
  })

  it('takes back a question', async () => {
    world.consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ state: 'asking' })
    world.mode = 'offline'
    await orchestrator.goOffline()
    expect(await job()).toMatchObject({ state: 'ready' })
  })

  it('keeps a worker from sending whatever it is told', async () => {
    const orchestrator = await opened()
    world.mode = 'offline'
    await orchestrator.improve(ID, YES)
    expect(world.sent).toEqual([])
    expect(await job()).toMatchObject({ state: 'ready' })
  })

  it('keeps a worker that comes back from going on', async () => {
    world.answerPart = () => new Promise(() => {})
    const killed = await opened()
    void killed.improve(ID, YES)
    await expect.poll(() => world.sent.length).toBe(1)
    world.mode = 'offline'
    await worker().resume()
    expect(world.sent).toHaveLength(1)
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'cancelled' } })
  })
})
