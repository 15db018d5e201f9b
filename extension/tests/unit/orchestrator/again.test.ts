/** What went before is not lost: trying again, opening again, and a worker that was killed. */
import { beforeEach, describe, expect, it } from 'vitest'
import { failedWith, ID, improved, job, LONG, opened, PRESS, reset, worker, world, YES } from './world'

beforeEach(reset)

describe('trying again', () => {
  it('uses the same key, so that a lost answer is not paid twice', async () => {
    world.answerPart = failedWith({ kind: 'no-answer', cause: 'timeout' })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    world.answerPart = improved
    await orchestrator.improve(ID, PRESS)
    expect(world.sent[1]?.key).toBe(world.sent[0]?.key)
    expect(await job()).toMatchObject({ state: 'improved' })
  })

  it('takes a new key when the old one is spent', async () => {
    world.answerPart = async () => ({
      kind: 'failed',
      problem: { kind: 'no-answer', cause: 'unusable' },
      stopsAll: false,
      spendsKey: true,
    })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    world.answerPart = improved
    await orchestrator.improve(ID, PRESS)
    expect(world.sent[1]?.key).not.toBe(world.sent[0]?.key)
  })

  it('sends only what has no answer yet, without asking again', async () => {
    world.markdown = LONG
    world.answerPart = (part) =>
      part.content.startsWith('# Two') ? failedWith({ kind: 'no-answer', cause: 'timeout' })() : improved(part)
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    world.answerPart = improved
    await orchestrator.improve(ID, PRESS)
    expect(world.sent.map(({ content }) => content.slice(0, 5))).toEqual(['# One', '# Two', '# Thr', '# Two'])
    expect(await job()).toMatchObject({ state: 'improved', problem: null })
  })

  it('starts over when the page has changed', async () => {
    world.answerPart = failedWith({ kind: 'no-answer', cause: 'timeout' })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    world.markdown = 'Another page altogether.'
    await orchestrator.capture(1, ID, null)
    await orchestrator.improve(ID, PRESS)
    expect(world.sent[1]?.key).not.toBe(world.sent[0]?.key)
  })
})

describe('a popup that is opened again', () => {
  it('finds the improved page, and hears that the page has changed since', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved', isPageChanged: false })
    world.markdown += ' More.'
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved', isPageChanged: true })
  })

  it('still says why AI gave nothing, over the page as it is now', async () => {
    world.answerPart = failedWith({ kind: 'no-credits' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    world.markdown = '# Coffee'
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({
      state: 'kept',
      problem: { kind: 'no-credits' },
      captured: { page: { markdown: world.markdown } },
    })
  })

  it('does not go on about what the user cancelled', async () => {
    world.answerPart = failedWith({ kind: 'cancelled' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'ready' })
  })

  it('keeps the improved page when the tab cannot be read any more', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    world.read = { kind: 'unreadable', reason: 'gone' }
    await orchestrator.open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved', isPageChanged: false })
  })
})

describe('a worker that was killed', () => {
  /** Leaves a job with its first part answered, its second sent, its third waiting. */
  async function killed() {
    world.markdown = LONG
    let parts = 0
    world.answerPart = (part) => (++parts === 1 ? improved(part) : new Promise(() => {}))
    const orchestrator = await opened()
    void orchestrator.improve(ID, YES)
    while ((await world.jobs.getRun(ID))?.parts[0]?.answer == null) await Promise.resolve()
    while (world.sent.length < 3) await Promise.resolve()
    const before = [...world.sent]
    world.sent.length = 0
    world.answerPart = improved
    return before
  }

  it('goes on with the same keys and sends nothing twice that was answered', async () => {
    const before = await killed()
    await worker().resume()
    expect(world.sent).toEqual(before.slice(1))
    expect(await job()).toMatchObject({ state: 'improved', parts: ['answered', 'answered', 'answered'] })
  })

  it('goes on when the popup opens, even if nothing else has woken it', async () => {
    await killed()
    await worker().open(1, ID)
    expect(await job()).toMatchObject({ state: 'improved' })
  })

  it('goes on once, whoever asks first', async () => {
    await killed()
    const orchestrator = worker()
    await Promise.all([orchestrator.resume(), orchestrator.open(1, ID)])
    expect(world.sent).toHaveLength(2)
  })

  it('says that it stopped when the text may not go where it went before', async () => {
    await killed()
    world.destination = {
      ...world.destination,
      via: { kind: 'own-key', provider: 'groq', label: 'Groq', model: 'm', host: 'h' },
    }
    await worker().resume()
    expect(await job()).toMatchObject({
      state: 'kept',
      problem: { kind: 'stopped' },
      captured: { page: { markdown: world.markdown } },
    })
    expect(world.sent).toEqual([])
  })

  it('says that it stopped when its keys are lost', async () => {
    await killed()
    world.jobs.runs.clear()
    await worker().resume()
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'stopped' } })
  })

  it('can be cancelled before it goes on', async () => {
    await killed()
    await worker().cancel(ID)
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'cancelled' } })
  })
})

it('forgets every page', async () => {
  const orchestrator = await opened()
  await orchestrator.improve(ID, PRESS)
  await orchestrator.forget()
  expect(world.jobs.jobs.size + world.jobs.runs.size).toBe(0)
})

it('says that it stopped when it cannot go on for a reason of its own', async () => {
  const orchestrator = await opened()
  world.answerPart = () => Promise.reject(new TypeError('a bug'))
  await expect(orchestrator.improve(ID, PRESS)).rejects.toThrow('a bug')
  expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'stopped' } })
})
