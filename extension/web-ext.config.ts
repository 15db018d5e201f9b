import process from 'node:process'
import { defineWebExtConfig } from 'wxt'

/** The browser that `npm run dev` opens. Without a screen it opens none, and the build can be loaded by hand. */
export default defineWebExtConfig({
  disabled: process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY,
  ...(process.env.CHROMIUM && { binaries: { chrome: process.env.CHROMIUM } }),
  // Chromium's sandbox does not start for root.
  chromiumArgs: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
