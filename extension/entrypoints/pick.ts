/**
 * Runs in the page's isolated world when the user wants to pick a part of the page. What was picked stays there, where
 * the capture script finds it: an element can't leave its page.
 */
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { pickPart } from '../picker'
import type { CaptureWorld } from '../reader'

export default defineUnlistedScript(() => {
  const world = globalThis as CaptureWorld
  world.promptReadyPick = async () => {
    // A second press while one is being picked: the first goes on.
    if (world.promptReadyIsPicking) return false
    world.promptReadyIsPicking = true
    const picked = await pickPart(document).finally(() => {
      world.promptReadyIsPicking = false
    })
    if (picked) world.promptReadyPicked = picked
    return picked !== null
  }
})
