/** Improving a page: parts, keys, waiting, failing and cancelling. */
import { beforeEach, describe, expect, it } from 'vitest'
import { failedWith, ID, improved, improvedNow, job, LONG, opened, PRESS, reset, world, YES } from './world'

beforeEach(reset)

describe('improving', () => {
  it('shows the offline text first, then the improved one with its check', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    const first = world.jobs.history.find(({ state }) => state === 'improving')
    expect(first).toMatchObject({ markdown: world.markdown, parts: ['waiting'] })
    const answer = `${world.markdown} (better)`
    expect(await job()).toMatchObject({
      state: 'improved',
      markdown: answer,
      problem: null,
      verification: { source: world.markdown, answer },
    })
  })

  it('saves every key before it is used', async () => {
    world.markdown = LONG
    const saved: boolean[] = []
    world.answerPart = async (part) => {
      const run = await world.jobs.getRun(ID)
      saved.push(
        run?.parts.some(({ idempotencyKey, state }) => idempotencyKey === part.key && state === 'sent') ?? false,
      )
      return improved(part)
    }
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    expect(saved).toEqual([true, true, true])
    expect(new Set(world.sent.map(({ key }) => key)).size).toBe(3)
  })

  it('sends three at a time and puts answers together in order', async () => {
    world.markdown = ['# 1', '# 2', '# 3', '# 4', '# 5'].map((title) => `${title}\n\n${'x'.repeat(7_000)}`).join('\n\n')
    let inFlight = 0
    let most = 0
    world.answerPart = async (part) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      // Later parts answer first.
      for (let turn = 0; turn < 50 - world.sent.length * 10; turn += 1) await Promise.resolve()
      inFlight -= 1
      return { kind: 'answered', text: part.content.slice(0, 3) }
    }
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    expect(most).toBe(3)
    expect(await job()).toMatchObject({ state: 'improved', markdown: '# 1\n\n# 2\n\n# 3\n\n# 4\n\n# 5' })
  })

  it('improves the first part alone when asked, and the rest later', async () => {
    world.markdown = LONG
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, which: 'first' })
    expect(world.sent).toHaveLength(1)
    expect(await job()).toMatchObject({ state: 'improved', parts: ['answered', 'skipped', 'skipped'], problem: null })
    await orchestrator.improve(ID, YES)
    expect(world.sent).toHaveLength(3)
    expect(await job()).toMatchObject({ parts: ['answered', 'answered', 'answered'] })
  })

  it('keeps the offline text of a part that fails', async () => {
    world.markdown = LONG
    world.answerPart = (part) =>
      part.content.startsWith('# Two') ? failedWith({ kind: 'no-answer', cause: 'timeout' })() : improved(part)
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    const end = await job()
    expect(end).toMatchObject({
      state: 'improved',
      parts: ['answered', 'offline', 'answered'],
      problem: { kind: 'no-answer', cause: 'timeout' },
    })
    expect(end.state === 'improved' && end.markdown).toContain(`# Two\n\n${'b'.repeat(7_000)}\n\n# Three`)
  })

  it('sends no more once it makes no sense', async () => {
    world.markdown = Array.from({ length: 9 }, (_, index) => `# ${index}\n\n${'x'.repeat(7_000)}`).join('\n\n')
    world.answerPart = failedWith({ kind: 'no-credits' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, YES)
    expect(world.sent.length).toBeLessThanOrEqual(3)
    expect(await job()).toMatchObject({
      state: 'kept',
      problem: { kind: 'no-credits' },
      captured: { page: { markdown: world.markdown } },
    })
  })

  it('waits as long as it is asked to, says so, and goes on under the same key', async () => {
    let busy = 2
    world.answerPart = async (part) => (busy-- > 0 ? { kind: 'wait', ms: 3_000 } : improved(part))
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(world.waits).toEqual([3_000, 3_000])
    expect(world.jobs.history.some((seen) => seen.state === 'improving' && seen.waitingUntilMs === 1_003_000)).toBe(
      true,
    )
    expect(new Set(world.sent.map(({ key }) => key)).size).toBe(1)
    expect(await job()).toMatchObject({ state: 'improved' })
  })

  it('asks again as soon as another part of the page has ended', async () => {
    world.markdown = LONG
    let finish = () => {}
    world.answerPart = (part) => {
      if (part.content.startsWith('# One')) return new Promise((resolve) => (finish = () => resolve(improvedNow(part))))
      return world.sent.length > 3 ? improved(part) : Promise.resolve({ kind: 'wait', ms: 60_000 })
    }
    world.patient = true
    const orchestrator = await opened()
    const done = orchestrator.improve(ID, YES)
    while (world.waits.length < 2) await Promise.resolve()
    finish()
    await done
    expect(await job()).toMatchObject({ state: 'improved', parts: ['answered', 'answered', 'answered'] })
  })

  it('does not wait for ever, nor for tomorrow', async () => {
    world.answerPart = async () => ({ kind: 'wait', ms: 1_000 })
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'no-answer', cause: 'busy' } })
    const before = world.sent.length
    world.answerPart = async () => ({ kind: 'wait', ms: 86_400_000 })
    await orchestrator.improve(ID, PRESS)
    expect(world.sent).toHaveLength(before + 1)
  })

  it('sends once for two presses', async () => {
    const orchestrator = await opened()
    await Promise.all([orchestrator.improve(ID, PRESS), orchestrator.improve(ID, PRESS)])
    expect(world.sent).toHaveLength(1)
  })

  it('keeps what was answered when cancelled', async () => {
    world.markdown = LONG
    const orchestrator = await opened()
    world.answerPart = (part, signal) =>
      part.content.startsWith('# One')
        ? improved(part)
        : new Promise((resolve) =>
            signal.addEventListener('abort', () =>
              resolve({ kind: 'failed', problem: { kind: 'cancelled' }, stopsAll: true, spendsKey: false }),
            ),
          )
    const done = orchestrator.improve(ID, YES)
    while (world.sent.length < 3) await Promise.resolve()
    await orchestrator.cancel(ID)
    await done
    expect(await job()).toMatchObject({
      state: 'improved',
      parts: ['answered', 'offline', 'offline'],
      problem: { kind: 'cancelled' },
    })
  })

  it('never sends a page that is one huge code block', async () => {
    world.markdown = `\`\`\`\n${'x'.repeat(20_000)}\n\`\`\``
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(world.sent).toEqual([])
    expect(await job()).toMatchObject({ state: 'kept', problem: { kind: 'too-large' } })
  })
})
