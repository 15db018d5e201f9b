/**
 * A screenshot with its most frequent colours alone: an interface has few, so it looks the same at a third of the size.
 * The browser that took it also decodes it; libraries that could do both come with a native binary each.
 */
import { crc32, deflateSync } from 'node:zlib'
import type { Page } from '@playwright/test'

const MOST_COLOURS = 96

export async function smallPng(page: Page, screenshot: Buffer): Promise<Buffer> {
  const { width, height, palette, indices } = await page.evaluate(reduce, {
    png: screenshot.toString('base64'),
    most: MOST_COLOURS,
  })
  const rows = Buffer.alloc((width + 1) * height)
  const pixels = Buffer.from(indices, 'base64')
  // Each row begins with the number of its filter: none, which suits flat colours best.
  for (let y = 0; y < height; y += 1) pixels.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8) // 8 bits, palette
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette)),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** Runs inside the page. Indices come back as base64, palette as red, green, blue in turn. */
async function reduce({ png, most }: { png: string; most: number }) {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0))
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const { width, height } = image
  const context = new OffscreenCanvas(width, height).getContext('2d')
  if (!context) throw new Error('no canvas')
  context.drawImage(image, 0, 0)
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)

  const counts = new Map<number, number>()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const kept = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([colour]) => colour)
  const split = (colour: number) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255] as const
  const palette = kept.map(split)
  const nearest = (colour: number) => {
    const [red, green, blue] = split(colour)
    const distances = palette.map(([r, g, b]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2)
    return distances.indexOf(Math.min(...distances))
  }
  const indexOf = new Map([...counts.keys()].map((colour) => [colour, nearest(colour)]))
  let indices = ''
  for (const pixel of pixels) indices += String.fromCharCode(indexOf.get(pixel) ?? 0)
  return { width, height, palette: palette.flat(), indices: btoa(indices) }
}
