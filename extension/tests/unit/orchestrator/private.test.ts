/** A page that looks private: what is asked, what is hidden, and what comes back. */
import { beforeEach, describe, expect, it } from 'vitest'
import { FREE, failedWith, ID, improved, improver, job, LONG, opened, PRESS, reset, worker, world, YES } from './world'

beforeEach(reset)

describe('a page that looks private', () => {
  const PRIVATE = '# Tea\n\nWrite to ada@teahouse.org or [bea](mailto:bea@teahouse.org), or ring +44 20 7946 0958.'
  const HIDE = { ...PRESS, hides: true }
  const AS_IS = { ...PRESS, hides: false }
  const asks = (about: string) =>
    expect.objectContaining({ state: 'asking', question: expect.objectContaining({ about }) })

  beforeEach(() => {
    world.markdown = PRIVATE
  })

  it('is not sent before the question about it is answered, and after the one where it goes', async () => {
    world.consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toEqual(asks('consent'))
    const again = await opened()
    await again.improve(ID, { ...PRESS, consented: true })
    expect(await job()).toMatchObject({
      question: { about: 'private', via: FREE, found: { email: 2, phone: 1, card: 0, key: 0 } },
    })
    expect(world.sent).toEqual([])
    await again.keepOffline(ID)
    await again.improve(ID, PRESS)
    expect(await job()).toEqual(asks('private'))
    expect(world.sent).toEqual([])
  })

  it('is sent without what is hidden, and comes back with it, unchanged for the check', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, HIDE)
    const [part] = world.sent
    expect(part?.content).toBe('# Tea\n\nWrite to HiddenEmail1 or [bea](mailto:HiddenEmail2), or ring HiddenPhone1.')
    const answer = `${PRIVATE} (better)`
    expect(await job()).toMatchObject({
      state: 'improved',
      markdown: answer,
      verification: { source: PRIVATE, answer },
    })
    for (const seen of world.jobs.history) if (seen.state === 'improving') expect(seen.markdown).toContain(PRIVATE)
  })

  it('is sent as it was edited, and asked about no more once what was private is gone', async () => {
    const edited = '# Tea\n\nWrite to Ada.'
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, edited })
    expect(world.sent.map(({ content }) => content)).toEqual([edited])
    expect(await job()).toMatchObject({ state: 'improved', verification: { source: edited } })
    await orchestrator.improve(ID, { ...PRESS, edited: null })
    expect(await job()).toEqual(asks('private'))
  })

  it('stays as it was edited while other questions are asked, the popup closed and the page read anew', async () => {
    world.consents.clear()
    const orchestrator = await opened()
    await orchestrator.improve(ID, { ...PRESS, edited: 'Write to Ada.' })
    const again = await opened()
    await again.improve(ID, { ...PRESS, consented: true })
    expect(world.sent.map(({ content }) => content)).toEqual(['Write to Ada.'])
  })

  it('is sent as it is when that is the answer', async () => {
    const orchestrator = await opened()
    await orchestrator.improve(ID, AS_IS)
    expect(world.sent.map(({ content }) => content)).toEqual([PRIVATE])
  })

  it('is priced by what is sent, in parts that a killed worker goes on with', async () => {
    world.markdown = `${PRIVATE}\n\n${LONG}`
    const orchestrator = await opened()
    await orchestrator.improve(ID, HIDE)
    expect(await job()).toMatchObject({ question: { about: 'long-page', parts: 3 } })
    world.answerPart = () => new Promise(() => {})
    void orchestrator.improve(ID, YES)
    while (world.sent.length < 3) await Promise.resolve()
    world.answerPart = improved
    await worker().resume()
    expect(world.sent).toHaveLength(6)
    for (const { content } of world.sent) expect(content).not.toContain('teahouse')
    const end = await job()
    expect(end.state === 'improved' && end.markdown).toContain('Write to ada@teahouse.org')
  })

  it('is asked about once, though the popup is closed and the page says the time', async () => {
    world.markdown = `${PRIVATE}\n\n${LONG}\n\n12:01`
    const first = await opened()
    await first.improve(ID, HIDE)
    world.markdown = `${PRIVATE}\n\n${LONG}\n\n12:02`
    const second = await opened()
    await second.improve(ID, YES)
    expect(await job()).toMatchObject({ state: 'improved' })
    for (const { content } of world.sent) expect(content).not.toContain('teahouse')
  })

  it('is asked about again once it holds something new', async () => {
    const first = await opened()
    await first.improve(ID, AS_IS)
    world.markdown = `${PRIVATE} Or cy@teahouse.org.`
    await first.capture(1, ID, null)
    await first.improve(ID, PRESS)
    expect(await job()).toEqual(asks('private'))
    expect(world.sent).toHaveLength(1)
  })

  it('is asked about again before it goes to somebody else', async () => {
    world.answerPart = failedWith({ kind: 'no-credits' }, true)
    const orchestrator = await opened()
    await orchestrator.improve(ID, AS_IS)
    const via = { kind: 'own-key', provider: 'groq', label: 'Groq', model: 'm', host: 'api.groq.com' } as const
    world.destination = { via, origin: 'https://api.example.org', improver, problem: null }
    await orchestrator.improve(ID, PRESS)
    expect(await job()).toMatchObject({ question: { about: 'private', via } })
    expect(world.sent).toHaveLength(1)
  })

  it('is tried again in the same way, under the same key', async () => {
    world.answerPart = failedWith({ kind: 'no-answer', cause: 'timeout' })
    const orchestrator = await opened()
    await orchestrator.improve(ID, HIDE)
    await orchestrator.improve(ID, PRESS)
    expect(world.sent[1]).toEqual(world.sent[0])
    await orchestrator.improve(ID, AS_IS)
    expect(world.sent[2]?.content).toBe(PRIVATE)
    expect(world.sent[2]?.key).not.toBe(world.sent[0]?.key)
  })
})
