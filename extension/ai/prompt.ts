/** What the model is told: generated from the backend's prompt (`make generate`), so both ask the same. */
import prompt from './prompt.json'

export const system: string = prompt.system
export const temperature: number = prompt.temperature

export function userMessage(content: string): string {
  const slots: Record<string, string> = { '{mark}': markFor(content), '{content}': content }
  // A function, because `$&` in a page's text would mean something in a replacement string.
  return prompt.user_template.replace(/\{(?:mark|content)\}/g, (slot) => slots[slot] ?? slot)
}

/** A mark that the page does not spell, so that no page can end itself and go on as somebody else. */
function markFor(content: string): string {
  if (!/<\s{0,9}\/?\s{0,9}page/i.test(content)) return 'page'
  const taken = new Set([...content.matchAll(/page-([0-9]{1,6})(?![0-9])/gi)].map(([, number]) => Number(number)))
  let number = 2
  while (taken.has(number)) number += 1
  return `page-${number}`
}
