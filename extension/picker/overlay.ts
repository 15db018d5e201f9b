/**
 * What is drawn over the page while a part is picked: a frame around the part, what it is, and what can be pressed.
 * It lives in a closed shadow root, out of reach of the page's styles and scripts, and leaves nothing behind.
 */

import { rootOf, tagOf } from '../cleaner/unclobbered'

const STYLE = `
:host { all: initial; }
* { box-sizing: border-box; }
.shield { position: fixed; inset: 0; cursor: crosshair; }
.frame { position: fixed; pointer-events: none; border: 2px solid #0a6a57; border-radius: 6px; background: rgb(10 106 87 / 10%);
  box-shadow: 0 0 0 2px #fff; }
.bar { position: fixed; inset-block-end: 16px; inset-inline: 0; margin: auto; inline-size: fit-content; max-inline-size: calc(100vw - 32px);
  display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; padding: 8px 8px 8px 16px; border-radius: 10px;
  background: #171b1a; color: #e8edeb; box-shadow: 0 0 0 1px #6d7a74, 0 6px 24px rgb(0 0 0 / 35%);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
.bar.up { inset-block: 16px auto; }
.part { min-inline-size: 9em; font-weight: 600; }
.keys { color: #a2afa9; }
kbd { padding: 1px 5px; border: 1px solid #6d7a74; border-radius: 4px; color: #e8edeb; font: inherit; font-size: 12px; }
button { min-block-size: 32px; padding: 3px 12px; border: 1px solid #6d7a74; border-radius: 6px; background: #2a312e; color: inherit;
  font: inherit; font-weight: 500; cursor: pointer; }
@media (forced-colors: active) { .frame { border-color: Highlight; } }
`

/** Between the frame and what it is around, so that it covers no letter. */
const AIR_PX = 4

export interface Overlay {
  /** In the page's tree; everything drawn is inside it. */
  readonly host: HTMLElement
  /** Draw the frame around this part, and say what it is. */
  show(part: Element): void
  /** The part moved: the page was scrolled, or its window changed. */
  follow(part: Element): void
  /** Whether there is something to press at this place, and not the page. */
  isOwn(x: number, y: number): boolean
  remove(): void
}

export function drawOverlay(document: Document): Overlay {
  const host = document.createElement('promptready-picker')
  const root = host.attachShadow({ mode: 'closed' })
  const make = (name: string, className: string, words = '') => {
    const element = document.createElement(name)
    element.className = className
    element.textContent = words
    return element
  }
  const frame = make('div', 'frame')
  const part = make('span', 'part')
  part.setAttribute('role', 'status')
  const keys = make('span', 'keys')
  for (const [key, words] of [
    ['↑', ' larger  '],
    ['↓', ' smaller  '],
    ['⏎', ' take it'],
  ] as const) {
    keys.append(make('kbd', '', key), words)
  }
  const bar = make('div', 'bar')
  bar.append(part, keys, make('button', '', 'Cancel'))
  root.append(make('style', '', STYLE), make('div', 'shield'), frame, bar)

  host.tabIndex = -1
  host.setAttribute('role', 'application')
  host.setAttribute('aria-label', 'Pick a part of the page. Arrow keys move, Enter takes it, Escape cancels.')
  // Above everything the page itself has put on top.
  host.popover = 'manual'
  const before = document.activeElement
  rootOf(document).append(host)
  host.showPopover()
  host.focus({ preventScroll: true })

  const follow = (shown: Element) => {
    const { left, top, width, height } = shown.getBoundingClientRect()
    const sizes = { left: left - AIR_PX, top: top - AIR_PX, width: width + 2 * AIR_PX, height: height + 2 * AIR_PX }
    for (const [name, px] of Object.entries(sizes)) frame.style.setProperty(name, `${px}px`)
  }
  return {
    host,
    show(shown) {
      follow(shown)
      part.textContent = nameOf(shown)
      // Out of the way of what is looked at.
      const { top, bottom } = shown.getBoundingClientRect()
      bar.classList.toggle('up', bottom > innerHeight - 80 && top > 80)
    },
    follow,
    isOwn: (x, y) => root.elementFromPoint(x, y)?.localName === 'button',
    remove() {
      host.remove()
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    },
  }
}

const NAMES: Record<string, string> = {
  body: 'Whole page',
  html: 'Whole page',
  img: 'Picture',
  figure: 'Figure',
  ol: 'List',
  p: 'Paragraph',
  pre: 'Code',
  table: 'Table',
  ul: 'List',
}

/** What a part is and how much of it there is: "Table · 120 words". */
function nameOf(part: Element): string {
  const words = (part instanceof HTMLElement ? part.innerText : '').match(/\S+/g)?.length ?? 0
  return `${NAMES[tagOf(part)] ?? 'Part'} · ${new Intl.NumberFormat('en').format(words)} ${words === 1 ? 'word' : 'words'}`
}
