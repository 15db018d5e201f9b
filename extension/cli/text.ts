/** Plain text of what was selected, one block to a line: what the benchmark scores. */
import { outline } from '../cleaner/select/outline'

export function plainText(root: Element): string {
  return outline(root)
    .blocks.map((block) => block.text.replace(/\s+/g, ' ').trim())
    .join('\n')
}
