/**
 * What a permission was asked for. The browser's question closes the popup on most systems, and the answer then reaches
 * nobody; so the wish is kept for the session, and the next opening goes on from there. Never holds a key.
 */
import { browser } from 'wxt/browser'
import type { ProviderId } from '../../ai/providers'

export type Asked = { for: 'key'; provider: ProviderId } | { for: 'keep-credits' }

const STORED = 'asked'

/** Nothing is awaited, so that it can stand before `permissions.request` in the same press. */
export function remember(asked: Asked): void {
  browser.storage.session.set({ [STORED]: asked })
}

export const forget = (): Promise<void> => browser.storage.session.remove(STORED)

/** Each wish is taken up once. */
export async function takeUp(): Promise<Asked | null> {
  const { [STORED]: asked } = (await browser.storage.session.get(STORED)) as { [STORED]?: Asked }
  if (asked) await forget()
  return asked ?? null
}
