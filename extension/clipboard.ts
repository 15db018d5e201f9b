/**
 * The clipboard for a worker, which has none: the shortcut and the menu copy with no popup open.
 *
 * An offscreen document does it, for which Chrome wants the `offscreen` permission (no warning to the user). Copying
 * from inside the page instead would fail on every http:// page, and let the page see it happen. Firefox's background
 * has a document of its own.
 */
import { browser } from 'wxt/browser'

interface CopyMessage {
  target: 'offscreen'
  copy: string
}

export function isCopyMessage(message: unknown): message is CopyMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'target' in message &&
    message.target === 'offscreen' &&
    'copy' in message &&
    typeof message.copy === 'string'
  )
}

/** False if the browser would not. */
export async function copyText(text: string): Promise<boolean> {
  if (import.meta.env.FIREFOX) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  }
  try {
    if (!(await browser.offscreen.hasDocument())) {
      await browser.offscreen.createDocument({
        url: '/offscreen.html',
        reasons: ['CLIPBOARD'],
        justification: 'Copies the cleaned page when the shortcut or the menu is used.',
      })
    }
    const message: CopyMessage = { target: 'offscreen', copy: text }
    return (await browser.runtime.sendMessage(message)) === true
  } finally {
    await browser.offscreen.closeDocument().catch(() => {
      // It was not there: nothing to close.
    })
  }
}
