import { defineConfig } from 'vitest/config'
import { WxtVitest } from 'wxt/testing'

export default defineConfig({
  plugins: [WxtVitest()],
  test: {
    include: ['tests/unit/**/*.test.{ts,tsx}'],
    testTimeout: 10_000,
    // Files share their modules, which halves the time: what a helper module keeps, its test files reset, each by itself.
    pool: 'threads',
    isolate: false,
    restoreMocks: true,
  },
})
