/** The check of an AI answer in one sentence. Pure. */
import type { Finding, Verification } from '../../ai/verify'
import { counted, listed } from './words'

const NAMES = { number: 'number', link: 'link', code: 'code block', heading: 'heading' } as const
const KINDS = ['number', 'link', 'code', 'heading'] as const

export function checkWords({ numbers, links, code, findings }: Verification): string {
  if (findings.length === 0) {
    const checked = [
      [numbers.total, NAMES.number],
      [links.total, NAMES.link],
      [code.total, NAMES.code],
    ] as const
    const present = checked.filter(([total]) => total > 0).map(([total, name]) => counted(total, name))
    return present.length > 0 ? `All ${listed(present)} match the page` : 'No numbers, links or code were changed'
  }
  return [
    sentence(findings, 'invented', 'is not on the page', 'are not on the page'),
    sentence(findings, 'altered', 'was changed', 'were changed'),
    sentence(findings, 'lost', 'is missing', 'are missing'),
  ]
    .filter(Boolean)
    .join('; ')
}

function sentence(findings: readonly Finding[], what: Finding['what'], one: string, many: string): string {
  const found = findings.filter((finding) => finding.what === what)
  const kinds = KINDS.map((kind) => [found.filter((finding) => finding.kind === kind).length, NAMES[kind]] as const)
    .filter(([count]) => count > 0)
    .map(([count, name]) => counted(count, name))
  return kinds.length > 0 ? `${listed(kinds)} ${found.length === 1 ? one : many}` : ''
}

/** A longer one would leave no room for the quote itself; it is in the button's title. */
const LONGEST_SHOWN = 16

/** What is wrong with one of them, beside its quote. */
export function findingWords({ what, was }: Finding): string {
  if (what === 'altered' && was !== undefined && was.length <= LONGEST_SHOWN) return `${was} on the page`
  return { invented: 'not on the page', altered: 'changed', lost: 'missing' }[what]
}
