/** What leaves the popup: the text with its citation, and JSON. Pure. */
import { cite } from '../../cleaner/citation'
import { toJson } from '../../cleaner/json'
import type { Captured, Job } from '../../job'
import type { Settings } from '../../storage'

/** Which text: the cleaned page, or what AI made of it. */
export type Variant = 'ai' | 'offline'

type WithPage = Job & { captured: Captured }

/** The text without a citation. While AI is at work, `ai` is the text so far. */
export function bareOf(job: WithPage, variant: Variant): string {
  const improved = job.state === 'improving' || job.state === 'improved' ? job.markdown : null
  return variant === 'ai' && improved !== null ? improved : job.captured.page.markdown
}

/** The text as it goes to the clipboard, citation included. */
export function markdownOf(job: WithPage, variant: Variant, citation: Settings['citation']): string {
  const { page, url, capturedAt } = job.captured
  return cite({ ...page, markdown: bareOf(job, variant) }, citation, url, new Date(capturedAt))
}

/** An edited text without the citation on top; all of it where the citation was edited too. */
export function bareEdit(job: WithPage, edited: string, citation: Settings['citation']): string {
  const bare = bareOf(job, 'offline')
  const cited = markdownOf(job, 'offline', citation)
  let shared = 0
  while (shared < bare.length && bare.at(-1 - shared) === cited.at(-1 - shared)) shared += 1
  const top = cited.slice(0, cited.length - shared)
  return edited.startsWith(top) ? bare.slice(0, bare.length - shared) + edited.slice(top.length) : edited
}

/** The page as data, with this text. */
export function jsonOf({ page, url, capturedAt }: Captured, markdown: string): string {
  return toJson({ ...page, markdown }, url, new Date(capturedAt))
}
