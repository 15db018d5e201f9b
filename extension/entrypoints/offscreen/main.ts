/** The background's hand on the clipboard: see clipboard.ts. */
import { browser } from 'wxt/browser'
import { isCopyMessage } from '../../clipboard'

browser.runtime.onMessage.addListener((message: unknown, sender, respond: (isCopied: boolean) => void) => {
  if (sender.id !== browser.runtime.id || !isCopyMessage(message)) return
  const field = document.getElementById('text')
  if (!(field instanceof HTMLTextAreaElement)) return
  // Not navigator.clipboard: it wants the focus, which an offscreen document never has.
  field.value = message.copy
  field.select()
  respond(document.execCommand('copy'))
  field.value = ''
})
