/** The line above the text: what was done with it, and the one thing to do beside copying. */
import { type ComponentChildren, type JSX, toChildArray } from 'preact'
import type { Job } from '../../job'
import { Icon } from './icons'
import type { CopyWords } from './use-copy'

interface Props {
  job: Job
  copy: CopyWords | null
  children?: ComponentChildren
}

export function Status({ job, copy, children }: Props): JSX.Element | null {
  const line = statusOf(job, copy)
  if (!line && toChildArray(children).length === 0) return null
  return (
    <div class="status">
      <p class="status-words">
        {line?.isDone && <Icon name="check" toned />}
        {line?.words}
      </p>
      {children}
    </div>
  )
}

function statusOf(job: Job, copy: CopyWords | null): CopyWords | null {
  if (job.state !== 'improved') return copy ?? (job.state === 'ready' ? { words: 'Ready', isDone: false } : null)
  if (!copy) return { words: 'Improved', isDone: true }
  return copy.words === 'Copied as Markdown' ? { words: 'Improved and copied', isDone: true } : copy
}
