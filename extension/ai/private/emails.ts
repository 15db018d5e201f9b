/** E-mail addresses, and what only looks like one: clone addresses, handles, file names, names kept for examples. */
import type { Span } from './plain'

/** The sign itself, percent-encoded as in a link's query, or as people spell it against collectors. */
const AT = /@|%40|\s{0,2}[[({<]\s?at\s?[\])}>]\s{0,2}/giu
const LOCAL = /[\p{L}\p{N}](?:[\p{L}\p{N}._%+'-]{0,62}[\p{L}\p{N}_+-])?$/u
const DOT = '(?:\\.|\\s{0,2}[\\[({<]\\s?dot\\s?[\\])}>]\\s{0,2})'
const LABEL = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?'
const DOMAIN = new RegExp(`(?:${LABEL}${DOT}){1,8}\\p{L}{2,24}(?![\\p{L}\\p{N}])`, 'iuy')
const LONGEST_LOCAL = 64
/** The host of an address, whose user part is no mailbox, and its path, where an @ names anything. */
const IN_ADDRESS = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s?#<>()"']*$/iu
const LONGEST_ADDRESS = 300

/** RFC 2606 and RFC 6761 keep these for examples and for networks of one's own. */
const RESERVED =
  /(?:^|\.)(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|localdomain|local|internal|lan|home|corp)$/i
const STAND_IN = /^(?:(?:your|my)?-?(?:domain|company|site|website|org)|yourname)\.[a-z]+$/i
const FILE_ENDING =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|scss|m?js|tsx?|json|html?|ya?ml|toml|txt|pdf|service|socket|timer|target|mount)$/i
const NOBODY = /^(?:no-?reply|do-?not-?reply)$|^git$/i

export function emailAddresses(plain: string): Span[] {
  const found: Span[] = []
  for (const { 0: at, index } of plain.matchAll(AT)) {
    const local = LOCAL.exec(plain.slice(Math.max(0, index - LONGEST_LOCAL), index))?.[0]
    DOMAIN.lastIndex = index + at.length
    const domain = local === undefined ? undefined : DOMAIN.exec(plain)?.[0]
    if (local === undefined || domain === undefined) continue
    const start = index - local.length
    const end = index + at.length + domain.length
    if (isMailbox(local, domain) && isAddressed(plain, start, end)) found.push({ start, end })
  }
  return found
}

function isMailbox(local: string, domain: string): boolean {
  return ![RESERVED, STAND_IN, FILE_ENDING].some((pattern) => pattern.test(domain)) && !NOBODY.test(local)
}

/** Whether what stands around it lets it be an address. */
function isAddressed(plain: string, start: number, end: number): boolean {
  const before = plain.charAt(start - 1)
  const after = plain.slice(end, end + 2)
  // `@ada@tea.social` is a handle, `user@host.org:path` a place to copy from, `a@b.sum(` code.
  if (before === '@' || /^(?::[^\s)\]>*_|"'`,;]|\()/u.test(after)) return false
  return !IN_ADDRESS.test(plain.slice(Math.max(0, start - LONGEST_ADDRESS), start))
}
