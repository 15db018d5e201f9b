/** The words of a Markdown text as a reader would see them: no addresses, no markup. */
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

export function plainWords(markdown: string): string[] {
  const words: string[] = []
  const pending: Nodes[] = [fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if ('value' in node && node.type !== 'html')
      words.push(...(node.value.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []))
    if ('children' in node) pending.push(...node.children)
  }
  return words
}
