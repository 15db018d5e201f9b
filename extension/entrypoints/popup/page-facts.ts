/** What of the page will be used, in a few words. Pure. */
import type { Job } from '../../job'
import { counted } from './words'

export function pageFacts(job: Job | null): string[] {
  if (!job || !('captured' in job)) return []
  const { page, selectionWords } = job.captured
  if (page.scope === 'selection') return [`selection of ${counted(selectionWords, 'word')}`]
  if (page.scope === 'element') return [`picked part of ${counted(page.counts.words, 'word')}`]
  const words = counted(page.counts.words, 'word')
  return page.pageType === 'other' ? [words] : [page.pageType, words]
}
