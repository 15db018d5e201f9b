import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  // Two cores are all we count on. Each worker has a browser and backends of its own, as good as new for every test.
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  use: { launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] } },
  // `npm run bench` measures; it would only slow the others down.
  testIgnore: process.env.BENCH ? [] : 'bench.spec.ts',
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
})
