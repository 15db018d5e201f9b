/**
 * Letting a person point at a part of the page, by mouse or by keyboard. While it lasts, no press and no key reaches
 * the page; afterwards the page is as it was.
 */
import { rootOf, shadowRootOf } from '../cleaner/unclobbered'
import { drawOverlay } from './overlay'
import { partAt, type Step, step } from './steps'

const STEPS: Record<string, Step> = {
  ArrowUp: 'larger',
  ArrowDown: 'smaller',
  ArrowRight: 'next',
  ArrowLeft: 'previous',
}
/** What a mouse or a finger does to a page, apart from scrolling it. */
const PRESSES = ['pointerdown', 'pointerup', 'mousedown', 'mouseup', 'click', 'dblclick', 'auxclick', 'contextmenu']

/** Resolves with the part that was taken, or null: cancelled, or the page was left. */
export function pickPart(document: Document): Promise<Element | null> {
  const overlay = drawOverlay(document)
  const listening = new AbortController()
  let part = partAt(elementAt(overlay.host, innerWidth / 2, innerHeight / 3) ?? rootOf(document))
  /** The smallest part there was on the way to larger ones. */
  let under: Element | null = null
  overlay.show(part)

  const choose = (chosen: Element) => {
    if (chosen === part) return
    part = chosen
    overlay.show(part)
  }
  const move = (towards: Step) => {
    if (towards !== 'smaller') under = towards === 'larger' ? (under ?? part) : null
    choose(step(part, towards, under))
    part.scrollIntoView({ block: 'nearest' })
    overlay.show(part)
  }
  return new Promise<Element | null>((resolve) => {
    const onPress = (event: Event) => {
      event.preventDefault()
      event.stopImmediatePropagation()
      if (event.type !== 'click') return
      const { clientX, clientY } = event as MouseEvent
      resolve(overlay.isOwn(clientX, clientY) ? null : part)
    }
    const onMove = ({ clientX, clientY }: PointerEvent) => {
      const element = elementAt(overlay.host, clientX, clientY)
      if (!element || overlay.isOwn(clientX, clientY)) return
      under = null
      choose(partAt(element))
    }
    const onKey = (event: KeyboardEvent) => {
      // Everything else scrolls, zooms or belongs to the browser.
      const towards = STEPS[event.key]
      if (!towards && event.key !== 'Enter' && event.key !== 'Escape') return
      event.preventDefault()
      event.stopImmediatePropagation()
      if (towards) move(towards)
      else resolve(event.key === 'Enter' ? part : null)
    }
    const options = { capture: true, signal: listening.signal }
    for (const press of PRESSES) addEventListener(press, onPress, options)
    addEventListener('pointermove', onMove, options)
    addEventListener('keydown', onKey, options)
    addEventListener('scroll', () => overlay.follow(part), { ...options, passive: true })
    addEventListener('resize', () => overlay.follow(part), options)
    addEventListener('pagehide', () => resolve(null), options)
  }).finally(() => {
    listening.abort()
    overlay.remove()
  })
}

/** The innermost element of the page at a place, through our own overlay and open shadow roots. */
function elementAt(host: Element, x: number, y: number): Element | null {
  const all = Document.prototype.elementsFromPoint.call(document, x, y)
  let found: Element | undefined = all.find((element) => element !== host)
  for (let root = found && shadowRootOf(found); root; root = found && shadowRootOf(found)) {
    const inner: Element | undefined = root.elementsFromPoint(x, y)[0]
    if (!inner || inner === found) break
    found = inner
  }
  return found ?? null
}
