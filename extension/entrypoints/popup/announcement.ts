/** What the live region says: each thing that happened, once. Nothing in here changes with every part or second. Pure. */
import type { Job } from '../../job'
import { checkWords } from './check-words'
import type { NoticeWords } from './notices'

export function announcementOf(job: Job, notice: NoticeWords | null, copied: string | null): string {
  const happened = [
    copied && `${copied}.`,
    job.state === 'improving' && 'Improving with AI.',
    job.state === 'improving' && job.waitingUntilMs !== null && 'One moment: the last page is still being improved.',
    job.state === 'improved' && `Improved. ${checkWords(job.verification)}.`,
    notice && [notice.title, notice.body].filter(Boolean).join(' '),
  ]
  return happened.filter(Boolean).join(' ')
}
