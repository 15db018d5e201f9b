/** A page that is read: nothing is sent, whatever it says. */
import { beforeEach, describe, expect, it } from 'vitest'
import { pageOf } from '../page'
import { ID, job, opened, reset, states, worker, world, YES } from './world'

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
