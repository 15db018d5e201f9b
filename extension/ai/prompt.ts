/** What the model is told: generated from the backend's prompt (`make generate`), so both ask the same. */
import prompt from './prompt.json'

export const system: string = prompt.system
export const temperature: number = prompt.temperature

export function userMessage(content: string): string {
  // A function, because `$&` in a page's text would mean something in a replacement string.
  return prompt.user_template.replace('{content}', () => content)
}
