/** The popup as shipped, its sources and styles untouched, built into memory so that it can be shown without a background. */
import { join } from 'node:path'
import { build } from 'vite'

export type Files = ReadonlyMap<string, { body: string | Uint8Array; contentType: string }>

const TYPES: Record<string, string> = { html: 'text/html', js: 'text/javascript', css: 'text/css' }

export async function buildPopup(): Promise<Files> {
  const built = await build({
    root: join(import.meta.dirname, '../../entrypoints/popup'),
    configFile: false,
    logLevel: 'error',
    define: { 'import.meta.env.FIREFOX': 'false', __API_ORIGIN__: '"http://127.0.0.1:7071"' },
    build: { write: false, target: 'chrome116', modulePreload: false },
  })
  const outputs = Array.isArray(built) ? built : [built]
  const files = new Map<string, { body: string | Uint8Array; contentType: string }>()
  for (const made of outputs.flatMap((output) => ('output' in output ? output.output : []))) {
    const extension = made.fileName.split('.').pop() ?? ''
    files.set(`/${made.fileName}`, {
      body: made.type === 'chunk' ? made.code : made.source,
      contentType: TYPES[extension] ?? 'application/octet-stream',
    })
  }
  return files
}
