import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  // For two cores: much of a browser test is waiting. Each worker has a browser and backends of its own, as good as new
  // for every test.
  workers: 3,
  // For a computer that is busy with other things: nothing here waits for as long on a free one.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: { launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] } },
  // `npm run bench` measures; it would only slow the others down.
  testIgnore: process.env.BENCH ? [] : '*bench.spec.ts',
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
})
