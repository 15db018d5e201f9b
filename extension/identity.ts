/**
 * Who the server thinks this is: an id that says nothing about a person.
 *
 * With the user's permission it is made from the browser account's own id, hashed here with a fixed prefix, so it is
 * the same after a reinstall. Otherwise it is random and kept in `storage.sync`.
 */
import { browser } from 'wxt/browser'
import { storage } from 'wxt/utils/storage'

/** Part of every id ever made from an account: to change it is to give every such user new credits. */
const ACCOUNT_PREFIX = 'promptready:account:v1:'
const USER_ID = /^[A-Za-z0-9_-]{8,128}$/
const RANDOM_ID_KEY = 'sync:userId'

export interface Identity {
  /** 8 to 128 of `[A-Za-z0-9_-]`. */
  userId(): Promise<string>
  /** The same, but makes none: null for who never used AI Mode. */
  knownUserId(): Promise<string | null>
}

/** `keepsCredits` is the user's wish; the permission decides whether it can be granted. */
export function createIdentity(keepsCredits: () => Promise<boolean>): Identity {
  let making: Promise<string> | null = null
  const keptUserId = async () => ((await keepsCredits()) ? accountUserId() : null)
  return {
    async knownUserId() {
      return (await keptUserId()) ?? savedUserId()
    },
    async userId() {
      const accountId = await keptUserId()
      if (accountId !== null) return accountId
      // Two first requests at once must not make two ids.
      making ??= randomUserId().finally(() => {
        making = null
      })
      return making
    },
  }
}

/** Null while signed out, without the permission, and in browsers without accounts. */
export async function accountUserId(): Promise<string | null> {
  if (!browser.identity?.getProfileUserInfo) return null
  if (!(await browser.permissions.contains({ permissions: ['identity.email'] }))) return null
  // The reply holds the e-mail address too. It is not looked at, and ends with this line.
  const { id } = await browser.identity.getProfileUserInfo({ accountStatus: 'ANY' as never })
  return id === '' ? null : hashedId(id)
}

async function hashedId(accountId: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ACCOUNT_PREFIX + accountId))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function savedUserId(): Promise<string | null> {
  const saved = await storage.getItem<unknown>(RANDOM_ID_KEY)
  return typeof saved === 'string' && USER_ID.test(saved) ? saved : null
}

async function randomUserId(): Promise<string> {
  const saved = await savedUserId()
  if (saved !== null) return saved
  const made = crypto.randomUUID()
  await storage.setItem(RANDOM_ID_KEY, made)
  return made
}

export const forgetUserId = (): Promise<void> => storage.removeItem(RANDOM_ID_KEY)
