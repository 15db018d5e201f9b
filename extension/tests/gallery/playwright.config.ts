import { defineConfig } from '@playwright/test'

/** For pictures alone: `npm run screenshots`. The tests have their own configuration and write nothing into docs. */
export default defineConfig({
  testDir: '.',
  testMatch: 'pictures.ts',
  outputDir: '../../test-results/pictures',
  workers: 1,
  reporter: [['line']],
})
