/**
 * Long pages in parts: each small enough for a slow model to finish within the deadline, cut where a reader would.
 *
 * `joinParts(splitIntoParts(markdown))` is `markdown`, byte for byte.
 */

/** 8 kB of UTF-8 each (design, section 11), so that a slow model is done within the deadline. */
export const MAX_PART_BYTES = 8_000

export interface Part {
  /** At most `maxBytes` of UTF-8, unless it is not sendable. No newlines at its end. */
  text: string
  /** What stood between this part and the next: newlines, or a space where a very long paragraph had to be cut. */
  glue: string
  /**
   * False for a code block, table or formula that is too long for a part of its own: cutting it would break it, and
   * there is nothing in it to improve. It stays as it is and costs nothing.
   */
  isSendable: boolean
}

export function splitIntoParts(markdown: string, maxBytes = MAX_PART_BYTES): Part[] {
  const parts: Part[] = []
  let open: Block[] = []
  let openBytes = 0
  const close = (blocks: Block[], isSendable = true) => {
    if (blocks.length > 0) parts.push(partOf(blocks.map((block) => block.text).join(''), isSendable))
  }
  for (const block of blocksOf(markdown).flatMap((block) => fitting(block, maxBytes))) {
    if (!block.mayBeCut && block.bytes > maxBytes) {
      close(open)
      close([block], false)
      open = []
      openBytes = 0
      continue
    }
    while (open.length > 0 && openBytes + block.bytes > maxBytes) {
      const cut = bestCut([...open, block], maxBytes)
      close(open.slice(0, cut))
      open = open.slice(cut)
      openBytes = open.reduce((sum, kept) => sum + kept.bytes, 0)
    }
    open.push(block)
    openBytes += block.bytes
  }
  close(open)
  return parts
}

/** The whole again; `texts[i]` stands for part i where it is not null. */
export function joinParts(parts: readonly Part[], texts: readonly (string | null)[] = []): string {
  return parts.map((part, index) => (texts[index] ?? part.text) + part.glue).join('')
}

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

/** A run of lines with the blank lines after it. */
interface Block {
  text: string
  bytes: number
  /** 1 to 6 for a heading, 7 for a block that stands by itself, 8 for the inside of a list or a cut paragraph. */
  rank: number
  /** False for code, tables and formulas. */
  mayBeCut: boolean
}

const FENCE = /^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*(`{3,}|~{3,}|\$\$)/
const HEADING = /^(#{1,6})\s/
const TABLE_ROW = /^[\s>]*\|/
const CONTINUES = /^(?:\s|[-*+]\s|\d+[.)]\s|>)/

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let lines: string[] = []
  let fence: string | null = null
  let isBlankBefore = true
  const close = () => {
    const first = lines[0]
    if (first === undefined) return
    const text = lines.join('')
    const heading = HEADING.exec(first)
    const mayBeCut = !FENCE.test(first) && !lines.every((line) => TABLE_ROW.test(line) || line.trim() === '')
    blocks.push({
      text,
      bytes: utf8Bytes(text),
      rank: heading?.[1]?.length ?? (CONTINUES.test(first) ? 8 : 7),
      mayBeCut,
    })
    lines = []
  }
  for (const line of linesOf(markdown)) {
    const isBlank = line.trim() === ''
    if (fence !== null) {
      lines.push(line)
      if (closes(line, fence)) fence = null
      continue
    }
    const opening = FENCE.exec(line)?.[1]
    const startsBlock = isBlankBefore || HEADING.test(line) || opening !== undefined
    if (startsBlock && !isBlank) close()
    lines.push(line)
    if (opening !== undefined && !closesOnItsOwnLine(line, opening)) fence = opening
    isBlankBefore = isBlank || HEADING.test(line)
  }
  close()
  return blocks
}

/** A `$$` formula may begin and end on one line; so may nothing else. */
function closesOnItsOwnLine(line: string, opening: string): boolean {
  return opening === '$$' && line.trim().length > 2 && line.trimEnd().endsWith('$$')
}

function closes(line: string, fence: string): boolean {
  const rest = line.replace(/^[\s>]*/, '').trimEnd()
  if (fence === '$$') return rest.endsWith('$$')
  return rest.length >= fence.length && [...rest].every((character) => character === fence[0])
}

/** Lines with their newlines. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** How many of `blocks` to close now: up to the most important heading that leaves the part reasonably full. */
function bestCut(blocks: readonly Block[], maxBytes: number): number {
  let best = blocks.length - 1
  let bestRank = blocks[best]?.rank ?? 8
  let before = 0
  for (const [index, block] of blocks.entries()) {
    if (index > 0 && before >= maxBytes / 3 && block.rank <= bestRank) {
      best = index
      bestRank = block.rank
    }
    before += block.bytes
  }
  // A heading must not end a part: what it heads comes next.
  while (best > 1 && (blocks[best - 1]?.rank ?? 8) <= 6) best -= 1
  return best
}

/** The block, or if it is text and too long, pieces of it: at line ends, else after sentences, else after words. */
function fitting(block: Block, maxBytes: number): Block[] {
  if (block.bytes <= maxBytes || !block.mayBeCut) return [block]
  const pieces: string[] = []
  let piece = ''
  let pieceBytes = 0
  for (const atom of linesOf(block.text).flatMap((line) => atomsOf(line, maxBytes))) {
    const bytes = utf8Bytes(atom)
    if (pieceBytes + bytes > maxBytes) {
      pieces.push(piece)
      piece = ''
      pieceBytes = 0
    }
    piece += atom
    pieceBytes += bytes
  }
  pieces.push(piece)
  return pieces.map((text, index) => ({
    text,
    bytes: utf8Bytes(text),
    rank: index === 0 ? block.rank : 8,
    mayBeCut: true,
  }))
}

/** Lossless pieces of a line that fit: the line, its sentences, its words, its characters. */
function atomsOf(line: string, maxBytes: number): string[] {
  const finer = [/[^.!?。！？]*[.!?。！？]+\s*|[^.!?。！？]+$/g, /\S*\s+|\S+$/g, /[\s\S]/gu]
  let atoms = [line]
  for (const pattern of finer) {
    atoms = atoms.flatMap((atom) => (utf8Bytes(atom) <= maxBytes ? [atom] : (atom.match(pattern) ?? [atom])))
  }
  return atoms
}

function partOf(text: string, isSendable: boolean): Part {
  const kept = text.trimEnd()
  return { text: kept, glue: text.slice(kept.length), isSendable: isSendable && kept !== '' }
}
