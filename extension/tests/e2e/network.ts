/**
 * The whole network of a test's browser: a proxy on loopback through which everything goes, written down. A name that
 * nobody serves is refused and written down too, so "nothing was sent" can be said of the browser, not of a mock.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Seen {
  method: string
  url: string
  body: string
  headers: IncomingMessage['headers']
}
export interface ServedPage {
  body: string | Buffer
  contentType?: string
}

/**
 * Chromium's own services: accounts, updates, the time. Not all of them can be turned off. That the extension is not
 * behind such a request is for the test to show: see `requestsOf` in offline.spec.ts.
 */
const BROWSERS_OWN = /^https?:\/\/(?:[\w-]+\.)*(?:google|googleapis|gvt1)\.com(?::\d+)?(?:\/|$)/

/** The API of the e2e build, and the sandbox provider for own keys. One host permission covers both. */
export const API = 'localhost:7071'
export const PROVIDER = 'localhost:7072'

export class Network {
  readonly seen: Seen[] = []
  /** By address, `http://` included. */
  readonly pages = new Map<string, ServedPage>()
  /** From `host:port` as the browser says it to a port on loopback. */
  readonly routes = new Map<string, number>()
  #server: Server

  private constructor() {
    this.#server = createServer((incoming, response) => void this.#serve(incoming, response))
    this.#server.on('connect', (incoming, socket) => {
      this.#note(incoming, `https://${incoming.url}`, '')
      socket.destroy()
    })
  }

  static async start(): Promise<Network> {
    const network = new Network()
    await new Promise<void>((resolve) => network.#server.listen(0, '127.0.0.1', resolve))
    return network
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** What went anywhere but to the pages a test serves. */
  get elsewhere(): string[] {
    return this.seen.map(({ url }) => url).filter((url) => !this.pages.has(url) && !BROWSERS_OWN.test(url))
  }

  /** Nothing was seen, nothing is served. */
  forget(): void {
    this.seen.length = 0
    this.pages.clear()
    this.routes.clear()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #note(incoming: IncomingMessage, url: string, body: string): void {
    this.seen.push({ method: incoming.method ?? '', url, body, headers: incoming.headers })
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = incoming.url ?? ''
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    // Browsers ask every site for this, unasked by anyone.
    if (new URL(url).pathname === '/favicon.ico') return void response.writeHead(204).end()
    this.#note(incoming, url, body.toString())
    const page = this.pages.get(url)
    if (page) {
      response.writeHead(200, { 'Content-Type': page.contentType ?? 'text/html; charset=utf-8' })
      return void response.end(page.body)
    }
    const { host, hostname, pathname, search } = new URL(url)
    const port = this.routes.get(host)
    if (port === undefined) return void response.destroy()
    const onward = request(
      {
        host: '127.0.0.1',
        port,
        method: incoming.method,
        path: pathname + search,
        headers: { ...incoming.headers, host: hostname },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
        answer.on('error', () => response.destroy())
      },
    )
    // A server that died is a connection that breaks, not a tidy 502.
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    onward.end(body)
  }
}
