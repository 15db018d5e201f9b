/** What leaves the popup: the text with its citation, and JSON. Pure. */
import { cite } from '../../cleaner/citation'
import { toJson } from '../../cleaner/json'
import type { Captured, Job } from '../../orchestrator'
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

/** The page as data, with this text. */
export function jsonOf({ page, url, capturedAt }: Captured, markdown: string): string {
  return toJson({ ...page, markdown }, url, new Date(capturedAt))
}
