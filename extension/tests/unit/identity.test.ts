import { beforeEach, describe, expect, it } from 'vitest'
import { fakeBrowser } from 'wxt/testing'
import { createIdentity, forgetUserId } from '../../identity'

const ACCOUNT = { id: '104287190523452345678', email: 'somebody@example.org' }
let isPermitted: boolean
let profile: { id: string; email: string }

beforeEach(() => {
  fakeBrowser.reset()
  isPermitted = true
  profile = ACCOUNT
  Object.assign(fakeBrowser.permissions, { contains: async () => isPermitted })
  Object.assign(fakeBrowser.identity, { getProfileUserInfo: async () => profile })
})

const idWith = (keeps: boolean) => createIdentity(async () => keeps).userId()

describe('a random id', () => {
  it('is made once and kept where it follows the profile', async () => {
    const first = await idWith(false)
    expect(first).toMatch(/^[A-Za-z0-9_-]{8,128}$/)
    expect(await idWith(false)).toBe(first)
    expect(await fakeBrowser.storage.sync.get()).toEqual({ userId: first })
  })

  it('is shown once there is one, and not made for that', async () => {
    const identity = createIdentity(async () => false)
    expect(await identity.knownUserId()).toBeNull()
    expect(await fakeBrowser.storage.sync.get()).toEqual({})
    const made = await identity.userId()
    expect(await identity.knownUserId()).toBe(made)
  })

  it('is one for many first requests at once', async () => {
    const identity = createIdentity(async () => false)
    const ids = await Promise.all(Array.from({ length: 20 }, () => identity.userId()))
    expect(new Set(ids).size).toBe(1)
  })

  it('replaces something else that lies in its place', async () => {
    await fakeBrowser.storage.sync.set({ userId: 'a b' })
    expect(await idWith(false)).toMatch(/^[A-Za-z0-9_-]{8,128}$/)
  })

  it('is new after it was forgotten', async () => {
    const first = await idWith(false)
    await forgetUserId()
    expect(await idWith(false)).not.toBe(first)
  })
})

describe('an id from the account', () => {
  it('is the same after a reinstall', async () => {
    const first = await idWith(true)
    fakeBrowser.reset()
    expect(await idWith(true)).toBe(first)
  })

  it('is a hash with our prefix, and nothing of the account', async () => {
    const id = await idWith(true)
    // printf 'promptready:account:v1:104287190523452345678' | sha256sum
    expect(id).toBe('dc9b9fa7b2a7b0b74bcefa9a07cc99c62c565aee2939678edb46445cf2e60c89')
    expect(JSON.stringify(await fakeBrowser.storage.sync.get())).not.toContain('somebody')
    expect(JSON.stringify(await fakeBrowser.storage.local.get())).not.toContain('somebody')
  })

  it.each([
    ['signed out', () => Object.assign(profile, { id: '', email: '' })],
    ['the permission was taken back', () => (isPermitted = false)],
  ])('gives way to a random one when %s', async (_, happen) => {
    profile = { ...ACCOUNT }
    const account = await idWith(true)
    happen()
    expect(await idWith(true)).not.toBe(account)
    expect(await idWith(true)).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is not used before the user asked for it, permission or not', async () => {
    expect(await idWith(false)).toMatch(/^[0-9a-f-]{36}$/)
  })
})
