/**
 * Starts the popup once its static shell is painted. Chrome shows a popup only after its page has loaded, scripts
 * included, so the app's script waits its turn; a press that comes before it is kept and repeated.
 */
let pressed: HTMLElement | null = null
const remember = (event: Event) => {
  pressed = (event.target as Element).closest<HTMLElement>('button, input')
}

async function start(): Promise<void> {
  await import('./main')
  removeEventListener('click', remember)
  pressed?.click()
  performance.mark('interactive')
}

addEventListener('click', remember)
if (PerformanceObserver.supportedEntryTypes.includes('paint')) {
  const observer = new PerformanceObserver(() => {
    observer.disconnect()
    void start()
  })
  observer.observe({ type: 'paint', buffered: true })
} else {
  void start()
}
