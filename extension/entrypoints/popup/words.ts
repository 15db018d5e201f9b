/** Numbers, times and addresses as people read them. Pure; the interface speaks English, the pages may not. */

const NUMBER = new Intl.NumberFormat('en')

/** `counted(2, 'link')` is "2 links". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${NUMBER.format(count)} ${count === 1 ? one : many}`
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`
}

export function approximateTokens(tokens: number): string {
  return `≈ ${counted(tokens, 'token')}`
}

/** The host as people say it, or the scheme's name where there is none ("file", "chrome"). */
export function hostOf(url: string): string {
  if (!URL.canParse(url)) return ''
  const { host, protocol } = new URL(url)
  return host === '' ? protocol.slice(0, -1) : host.replace(/^www\./, '')
}

/** What stands for the site where its icon would be: the first letter or digit of the host, '' while it is unknown. */
export function letterOf(host: string): string {
  return host.match(/[\p{L}\p{N}]/u)?.[0] ?? ''
}

/**
 * How long something is not possible: "for 40 seconds", "until 2:05 PM" (today or tomorrow early), "until Monday".
 * Local time, so a week that begins Monday 00:00 UTC begins on Sunday evening in New York, and says so.
 */
export function untilWords(at: Date, now: Date): string {
  const seconds = secondsLeft(at, now)
  if (seconds < 90) return `for ${counted(seconds, 'second')}`
  const format: Intl.DateTimeFormatOptions =
    seconds < 18 * 3600 ? { hour: 'numeric', minute: '2-digit' } : { weekday: 'long' }
  return `until ${new Intl.DateTimeFormat('en', format).format(at)}`
}

/** Whole seconds until then, at least 1: a countdown that shows 0 looks stuck. */
export function secondsLeft(at: Date, now: Date): number {
  return Math.max(1, Math.ceil((at.getTime() - now.getTime()) / 1000))
}
