/** A real HTTP server on loopback that answers what a test tells it to, and remembers what it was asked. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: unknown
}
export interface Said {
  status?: number
  headers?: Record<string, string>
  json?: unknown
  text?: string
}
/** Answers, or takes the connection into its own hands. */
export type Script = (asked: Asked, response: ServerResponse) => Said | undefined | Promise<Said | undefined>

export class Loopback {
  readonly asked: Asked[] = []
  #script: Script
  #server: Server

  private constructor(script: Script) {
    this.#script = script
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(script: Script = () => ({ status: 500 })): Promise<Loopback> {
    const loopback = new Loopback(script)
    await new Promise<void>((resolve) => loopback.#server.listen(0, '127.0.0.1', resolve))
    return loopback
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  answerWith(script: Script): void {
    this.#script = script
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? null : JSON.parse(text),
    }
    this.asked.push(asked)
    const said = await this.#script(asked, response)
    if (!said) return
    response.writeHead(said.status ?? 200, { 'Content-Type': 'application/json', ...said.headers })
    response.end(said.text ?? JSON.stringify(said.json ?? {}))
  }
}
