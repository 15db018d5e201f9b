/**
 * Keys, tokens and passwords: by the shapes their makers gave them to be found by, and by the name they are given in
 * settings and code. Hashes, ids and what stands for a key in documentation are none.
 */
import type { Span } from './plain'

/** Prefixes as the services document them for scanners. Lengths are the least that occur, cut generously above. */
const SHAPES = [
  'sk-(?:proj-|ant-|or-|live-|svcacct-)?[\\w-]{20,250}', // OpenAI, Anthropic, OpenRouter and who followed them
  'gsk_\\w{20,100}', // Groq
  'xai-\\w{40,120}',
  'AIza[\\w-]{35}', // Google
  'ya29\\.[\\w-]{20,300}',
  '(?:AKIA|ASIA)[A-Z0-9]{16}', // Amazon
  'gh[pousr]_\\w{36,255}', // GitHub
  'github_pat_\\w{22,255}',
  'glpat-[\\w-]{20,100}', // GitLab
  'xox[abeprs]-[\\w-]{10,250}', // Slack
  '(?:sk|rk)_(?:live|test)_\\w{16,250}', // Stripe
  'whsec_[\\w+/=]{24,100}',
  'npm_\\w{36}',
  'pypi-[\\w-]{50,250}',
  'hf_\\w{30,60}', // Hugging Face
  'SG\\.[\\w-]{20,24}\\.[\\w-]{40,46}', // SendGrid
  'dop_v1_[0-9a-f]{64}', // DigitalOcean
  'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}', // Shopify
  '\\d{8,10}:AA[\\w-]{33}', // Telegram
  'eyJ[\\w-]{10,2000}\\.eyJ[\\w-]{10,4000}\\.[\\w-]{10,2000}', // JSON web tokens
]
const SHAPED = new RegExp(`(?<![\\w.-])(?:${SHAPES.join('|')})(?![\\w-])`, 'g')
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY-----[^-]{20,8000}-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY-----/g

const NAME =
  '(?:(?:api|access|secret|private|auth|account|encryption|signing|subscription)[ _-]?key|(?:client|app|api|webhook|signing)?[ _-]?secret|(?:access|auth|api|bearer|refresh|session)?[ _-]?token|passw(?:or)?d|passphrase|pwd|authorization)'
const VALUE = '[\\w+/=.~!@#$%^&*:-]'
/** `API_KEY = "…"`, `"token": "…"`, `password: …`, `Authorization: Bearer …` */
const NAMED = new RegExp(
  `(?<![\\p{L}\\p{N}])${NAME}["'\`*\\s]{0,5}(?::=|=>|[:=])["'\`*\\s]{0,5}(?:(?:Bearer|Basic|token)\\s{1,3})?(${VALUE}{8,500})(?!${VALUE}|[([{<])`,
  'giud',
)
/** `postgres://user:password@host` */
const IN_ADDRESS = /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,100}:([^\s@/]{4,200})@(?=[\p{L}\p{N}[])/dgiu

const LEAST_NAMED_CHARS = 16
const LEAST_DISTINCT = 8
const STAND_IN =
  /example|placeholder|redacted|change-?me|your|dummy|sample|insert|x{4}|\.{3}|…|\*{3}|^(?:pass(?:word)?|pwd|secret|user|token|key|guest|admin|root|postgres|test)$|^[$<{%]/i

export function secretKeys(plain: string): Span[] {
  const found = [...spans(plain, SHAPED, isRandom), ...spans(plain, PRIVATE_KEY, () => true)]
  found.push(...spans(plain, NAMED, isValue), ...spans(plain, IN_ADDRESS, (value) => !STAND_IN.test(value)))
  return disjoint(found)
}

/** Of each match its group, or the whole where the pattern has none. */
function spans(plain: string, pattern: RegExp, isKey: (value: string, name: string) => boolean): Span[] {
  const found: Span[] = []
  for (const match of plain.matchAll(pattern)) {
    const [start, end] = match.indices?.[1] ?? [match.index, match.index + match[0].length]
    if (isKey(plain.slice(start, end), match[0])) found.push({ start, end })
  }
  return found
}

/** What documentation shows in a key's place repeats itself or says so. */
function isRandom(value: string): boolean {
  return !STAND_IN.test(value) && new Set(value).size >= LEAST_DISTINCT
}

/** Words and paths are settings' values too; a key has letters and digits, and a password may be shorter. */
function isValue(value: string, named: string): boolean {
  const isPassword = /^pass|^pwd/i.test(named)
  const isMixed = /\p{L}/u.test(value) && /\d/.test(value)
  return isMixed && isRandom(value) && (isPassword || value.length >= LEAST_NAMED_CHARS) && !/^\w+:\/\//.test(value)
}

/** The first to begin wins, of two the longer. */
function disjoint(found: readonly Span[]): Span[] {
  const sorted = [...found].sort((one, other) => one.start - other.start || other.end - one.end)
  let done = 0
  return sorted.filter(({ start, end }) => {
    if (start < done) return false
    done = end
    return true
  })
}
