/**
 * The real popup, opened as a press on the toolbar button opens it, so that `activeTab` is granted. Playwright does not
 * know popups; this speaks to it over the DevTools protocol.
 */
import type { BrowserContext, CDPSession, Page } from '@playwright/test'

/** The parts of the protocol that Playwright's types leave out. */
type Send = (method: string, params?: object) => Promise<Record<string, unknown>>

const ATTEMPTS = 100
const PAUSE_MS = 50
/** Ten times what a free computer needs: a busy one is no reason to fail. */
const PATIENCE_MS = 20_000

export class Popup {
  #nextId = 0
  readonly #answers = new Map<number, (message: Answer) => void>()

  private constructor(
    readonly send: Send,
    readonly sessionId: string,
    readonly targetId: string,
    readonly session: CDPSession,
  ) {
    session.on('Target.receivedMessageFromTarget' as never, (event: { message: string; sessionId: string }) => {
      if (event.sessionId !== this.sessionId) return
      const message = JSON.parse(event.message) as Answer
      if (message.id === undefined) return
      this.#answers.get(message.id)?.(message)
      this.#answers.delete(message.id)
    })
  }

  /** @param isOpen the extension has opened it by itself: no press on the button. */
  static async open(context: BrowserContext, extensionId: string, page: Page, { isOpen = false } = {}): Promise<Popup> {
    if (!isOpen) await page.bringToFront()
    const browser = context.browser()
    if (!browser) throw new Error('no browser')
    const session = await browser.newBrowserCDPSession()
    const send = session.send.bind(session) as unknown as Send
    if (!isOpen) {
      const tab = await targetWhere(send, (target) => target.url === page.url(), [{ type: 'tab' }])
      await send('Extensions.triggerAction', { id: extensionId, targetId: tab })
    }
    const popup = await targetWhere(send, ({ url }) => url.startsWith(`chrome-extension://${extensionId}/popup.html`))
    const { sessionId } = (await send('Target.attachToTarget', { targetId: popup, flatten: false })) as {
      sessionId: string
    }
    const opened = new Popup(send, sessionId, popup, session)
    await opened.until('interactive', `performance.getEntriesByName('interactive').length > 0`)
    return opened
  }

  /** A command to the popup's own page. */
  async command(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#nextId
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve))
    await this.send('Target.sendMessageToTarget', {
      sessionId: this.sessionId,
      message: JSON.stringify({ id, method, params }),
    })
    const { result, error } = await answered
    if (error) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  /** The value of an expression, awaited, in the popup, with the rights of a user's press. */
  async eval<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.command('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string }; text: string } }
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** What a reader sees, edited text included. */
  text(): Promise<string> {
    return this.eval(
      `[document.body?.innerText, ...[...document.querySelectorAll('textarea, input')].map((field) => field.value)].join('\\n')`,
    )
  }

  /** Presses the first visible button, tab or radio whose accessible name contains `name`. */
  async press(name: string): Promise<void> {
    await this.until(`pressable ${name}`, `(${findPressable})(${JSON.stringify(name)}) !== undefined`)
    await this.eval(`(${findPressable})(${JSON.stringify(name)}).click()`)
  }

  /** Types over what is in a field, or chooses from a list. */
  async fill(selector: string, value: string): Promise<void> {
    const field = `document.querySelector(${JSON.stringify(selector)})`
    await this.until(`a field ${selector}`, `${field} !== null`)
    // The prototype's setter: the interface's own would take the change for its own doing.
    await this.eval(`(() => {
      const field = ${field}
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, ${JSON.stringify(value)})
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }))
    })()`)
  }

  async key(key: string, code = key, modifiers = 0): Promise<void> {
    const text = key === 'Enter' ? '\r' : key.length === 1 ? key : ''
    const event = { key, code, modifiers, text, windowsVirtualKeyCode: key === 'Enter' ? 13 : key === 'Tab' ? 9 : 0 }
    await this.command('Input.dispatchKeyEvent', { type: text === '' ? 'rawKeyDown' : 'keyDown', ...event })
    await this.command('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }

  /** Waits until the popup says something. */
  async says(what: string | RegExp, timeoutMs = PATIENCE_MS): Promise<string> {
    const deadline = Date.now() + timeoutMs
    let text = ''
    while (Date.now() < deadline) {
      text = await this.text()
      if (typeof what === 'string' ? text.includes(what) : what.test(text)) return text
      await pause()
    }
    throw new Error(`The popup never said ${what}. It says:\n${text}`)
  }

  async until(description: string, expression: string, timeoutMs = PATIENCE_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (Date.now() < deadline) {
      if (await this.eval<boolean>(expression)) return
      await pause()
    }
    throw new Error(`Never came true in the popup: ${description}. It says:\n${await this.text()}`)
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.command('Page.captureScreenshot', { format: 'png' })
    return Buffer.from(String(data), 'base64')
  }

  /** As pressing Escape or clicking elsewhere does. */
  async close(): Promise<void> {
    await this.eval('void setTimeout(() => window.close())')
  }

  /** Whatever state it is in, it is gone afterwards. */
  async end(): Promise<void> {
    await this.send('Target.closeTarget', { targetId: this.targetId }).catch(() => {
      // Closed already, as most are.
    })
    await this.session.detach()
  }
}

interface Answer {
  id?: number
  result?: Record<string, unknown>
  error?: { message: string }
}
interface Target {
  targetId: string
  type: string
  url: string
}

const findPressable = `(name) => [...document.querySelectorAll('button, a, summary, label, [role=button], [role=radio], [role=tab], [role=menuitem], [role=switch]')]
  .find((element) => element.checkVisibility() && (element.getAttribute('aria-label') ?? element.textContent).includes(name))`

async function targetWhere(send: Send, matches: (target: Target) => boolean, filter?: object[]): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { targetInfos } = (await send('Target.getTargets', filter ? { filter } : {})) as { targetInfos: Target[] }
    const found = targetInfos.find(matches)
    if (found) return found.targetId
    await pause()
  }
  throw new Error('The browser shows no such target')
}

/** Polling another process is the one place where a test must let time pass. */
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
