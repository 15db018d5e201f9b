/** What AI kept and changed, checked against the page; every finding is a press away from its place in the text. */
import type { JSX } from 'preact'
import type { Finding, Verification } from '../../ai/verify'
import { checkWords, findingWords } from './check-words'
import { Icon } from './icons'

/** An answer that has nothing to do with its page has thousands; nobody presses the hundredth. */
const MOST_SHOWN = 100

interface Props {
  verification: Verification
  onFind: (finding: Finding) => void
}

export function CheckPanel({ verification, onFind }: Props): JSX.Element {
  const { findings } = verification
  const isClean = findings.length === 0
  return (
    <section class="findings" aria-label="Check against the page" data-tone={isClean ? 'calm' : 'warn'}>
      <p class="findings-head">
        <Icon name={isClean ? 'check' : 'warn'} toned />
        {checkWords(verification)}
      </p>
      {!isClean && (
        <ul>
          {findings.slice(0, MOST_SHOWN).map((finding) => (
            <li key={`${finding.what} ${finding.kind} ${finding.start}`}>
              <button
                type="button"
                class="finding"
                onClick={() => onFind(finding)}
                title={finding.was && `On the page: ${finding.was}`}
              >
                <code dir="auto">{finding.quote}</code>
                <span>{findingWords(finding)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
