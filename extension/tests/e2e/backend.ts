/** The real backend: the local host with SQLite, and the sandbox provider, as processes of their own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '../../..')
const PYTHON = process.env.PYTHON ?? join(ROOT, '.venv/bin/python')
const START_TIMEOUT_MS = 20_000

export interface Stats {
  calls: number
}

/** Resolves with the port as soon as the process names it. */
async function start(args: string[], says: RegExp, env: Record<string, string>): Promise<[ChildProcess, number]> {
  const child = spawn(PYTHON, ['-m', ...args], { cwd: ROOT, env: { ...process.env, ...env } })
  let output = ''
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${args[0]} did not start:\n${output}`)), START_TIMEOUT_MS)
    const read = (chunk: Buffer) => {
      output += chunk
      const found = says.exec(output)?.[1]
      if (!found) return
      clearTimeout(timer)
      resolve(Number(found))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`${args[0]} ended with ${code}:\n${output}`))
    })
  })
  return [child, port]
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await gone
}

/** Costs nothing, misbehaves on request: see promptready/local/sandbox. */
export class Sandbox {
  private constructor(
    readonly port: number,
    readonly child: ChildProcess,
  ) {}

  static async start(): Promise<Sandbox> {
    const [child, port] = await start(['promptready.local.sandbox', '--port', '0'], /127\.0\.0\.1:(\d+)\/v1/, {})
    return new Sandbox(port, child)
  }

  async stats(): Promise<Stats> {
    return (await (await fetch(`http://127.0.0.1:${this.port}/stats`)).json()) as Stats
  }

  stop = (): Promise<void> => ended(this.child, 'SIGTERM')
}

export interface BackendOptions {
  /** The sandbox's model that serves every cohort: `sandbox/ok`, `sandbox/slow-2000`, … */
  model: string
  trialCredits: number
  /** Settings of design, section 9. */
  settings?: Record<string, string>
}

export class Backend {
  port = 0
  #child: ChildProcess | null = null

  private constructor(
    readonly folder: string,
    readonly env: Record<string, string>,
  ) {}

  static async start(sandbox: Sandbox, { model, trialCredits, settings }: BackendOptions): Promise<Backend> {
    const folder = await mkdtemp(join(tmpdir(), 'promptready-e2e-'))
    const catalog = join(folder, 'catalog.toml')
    await writeFile(catalog, catalogText(sandbox.port, model))
    const backend = new Backend(folder, {
      STORE_URL: `sqlite:///${join(folder, 'store.db')}`,
      CATALOG_PATH: catalog,
      SANDBOX_API_KEY: 'any key will do',
      TRIAL_CREDITS: String(trialCredits),
      // Every test is a user of its own, from the same network.
      NEW_USERS_PER_NETWORK_PER_DAY: '1000',
      ...settings,
    })
    await backend.restart()
    return backend
  }

  /** Starts again on the same store, with the same port once it has one. */
  async restart(): Promise<void> {
    const args = ['promptready.local', '--port', String(this.port), '--no-sandbox', '--data-dir', this.folder]
    const [child, port] = await start(args, /runs on http:\/\/127\.0\.0\.1:(\d+)/, this.env)
    this.#child = child
    this.port = port
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** As a crash or a power cut would. */
  async kill(): Promise<void> {
    if (this.#child) await ended(this.#child, 'SIGKILL')
  }

  /** What an operator types after `python -m promptready.admin`. */
  async admin(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(PYTHON, ['-m', 'promptready.admin', ...args], {
      cwd: ROOT,
      env: { ...process.env, ...this.env },
    })
    return stdout
  }

  async stop(): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** The backends of one Playwright worker by their options: tests share one, each as a user of its own. */
export class Backends {
  readonly #started = new Map<string, Backend>()

  constructor(readonly sandbox: Sandbox) {}

  async with(options: BackendOptions): Promise<Backend> {
    const key = JSON.stringify(options)
    const known = this.#started.get(key)
    // One that a test has killed, and did not live to start again.
    if (known && !known.isRunning) await known.restart()
    const backend = known ?? (await Backend.start(this.sandbox, options))
    this.#started.set(key, backend)
    return backend
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#started.values()].map((backend) => backend.stop()))
  }
}

function catalogText(port: number, model: string): string {
  const cohorts = Object.entries({ A: 70, B: 20, C: 10 }).map(
    ([name, weight]) => `
[cohorts.${name}]
weight = ${weight}
label = "Sandbox"

[[cohorts.${name}.routes]]
provider = "sandbox"
model = "${model}"
input_usd_per_mtok = 1
output_usd_per_mtok = 1
context_tokens = 131072
max_output_tokens = 8192
source = "the end-to-end tests"
`,
  )
  return `[providers.sandbox]
base_url = "http://127.0.0.1:${port}/v1"
secret = "sandbox-api-key"
${cohorts.join('')}`
}
