import { describe, expect, it } from 'vitest'
import { joinParts, splitIntoParts, utf8Bytes } from '../../ai/parts'

const paragraph = (seed: string, bytes: number) => `${seed} `.repeat(Math.ceil(bytes / (seed.length + 1))).trim()

describe('splitIntoParts', () => {
  it('leaves a short page whole', () => {
    expect(splitIntoParts('# Tea\n\nHot.\n')).toEqual([{ text: '# Tea\n\nHot.', glue: '\n', isSendable: true }])
  })

  it('gives nothing for nothing', () => {
    expect(splitIntoParts('')).toEqual([])
  })

  it('cuts before the most important heading', () => {
    const page = [
      '# Tea',
      paragraph('one', 600),
      '### Leaf',
      paragraph('two', 200),
      '## Water',
      paragraph('three', 500),
    ]
    const parts = splitIntoParts(page.join('\n\n'), 1000)
    expect(parts.map((part) => part.text.split('\n')[0])).toEqual(['# Tea', '## Water'])
  })

  it('never ends a part with a heading', () => {
    const page = ['# Tea', paragraph('one', 900), '## Water', '### Soft', paragraph('two', 900)]
    for (const part of splitIntoParts(page.join('\n\n'), 1000)) {
      expect(part.text.split('\n').at(-1)).not.toMatch(/^#/)
    }
  })

  it('moves a heading along with what it heads, even if little is left', () => {
    const page = [paragraph('one', 200), '## Water', paragraph('two', 900)]
    expect(splitIntoParts(page.join('\n\n'), 1000).map((part) => part.text.slice(0, 8))).toEqual([
      'one one ',
      '## Water',
    ])
  })

  it('keeps a code fence with blank lines and headings inside it together', () => {
    const code = `\`\`\`md\n# not a heading\n\n${'line\n\n'.repeat(60)}\`\`\``
    const parts = splitIntoParts([paragraph('one', 700), code, paragraph('two', 500)].join('\n\n'), 1000)
    expect(parts.filter((part) => part.text.includes('```'))).toHaveLength(1)
    expect(parts.find((part) => part.text.includes('```'))?.text).toContain(code)
  })

  it('does not take a shorter fence inside a longer one for its end', () => {
    const code = `\`\`\`\`md\n\`\`\`js\n${'x\n'.repeat(50)}\`\`\`\n\nmore\n\`\`\`\``
    const parts = splitIntoParts([paragraph('one', 900), code, paragraph('two', 900)].join('\n\n'), 1000)
    expect(parts.map((part) => part.text)).toContain(code)
  })

  it('keeps a fence inside a list item together', () => {
    const code = `- step\n\n  \`\`\`sh\n${'  run\n\n'.repeat(40)}  \`\`\``
    const parts = splitIntoParts([paragraph('one', 850), code, paragraph('two', 800)].join('\n\n'), 1000)
    expect(
      parts.filter((part) => part.text.includes('```')).every((part) => part.text.match(/```/g)?.length === 2),
    ).toBe(true)
  })

  it('leaves a code block that is too long as it is, unsent', () => {
    const code = `\`\`\`\n${'x'.repeat(3000)}\n\`\`\``
    const parts = splitIntoParts(`before\n\n${code}\n\nafter`, 1000)
    expect(parts.map((part) => part.isSendable)).toEqual([true, false, true])
    expect(parts[1]?.text).toBe(code)
  })

  it('leaves a table that is too long as it is, unsent', () => {
    const table = `| a | b |\n| - | - |\n${'| one | two |\n'.repeat(100)}`
    const parts = splitIntoParts(`before\n\n${table}\nafter`, 1000)
    expect(parts.map((part) => part.isSendable)).toEqual([true, false, true])
  })

  it('keeps a formula together', () => {
    const formula = `$$\n${'x + y\n\n'.repeat(60)}$$`
    const parts = splitIntoParts([paragraph('one', 900), formula, '$$a$$', paragraph('two', 300)].join('\n\n'), 1000)
    expect(parts.some((part) => part.text.includes(formula))).toBe(true)
    expect(parts.at(-1)?.text).toContain('two')
  })

  it('knows a formula that ends where its last line ends', () => {
    const formula = `$$\n${'x + y\n\n'.repeat(60)}z$$`
    const parts = splitIntoParts([formula, paragraph('one', 900), paragraph('two', 900)].join('\n\n'), 1000)
    expect(parts.map((part) => part.text.slice(-3))).toEqual(['z$$', 'one', 'two'])
  })

  it('cuts a paragraph that is too long after a sentence', () => {
    const parts = splitIntoParts('A sentence of tea. '.repeat(100), 1000)
    expect(parts.length).toBeGreaterThan(1)
    for (const part of parts) expect(part.text).toMatch(/tea\.$/)
  })

  it('counts bytes, not characters, and never cuts a character in two', () => {
    const page = '茶😀'.repeat(1000)
    const parts = splitIntoParts(page, 1000)
    expect(Math.max(...parts.map((part) => utf8Bytes(part.text)))).toBeLessThanOrEqual(1000)
    expect(parts.every((part) => part.text.isWellFormed())).toBe(true)
    expect(joinParts(parts)).toBe(page)
  })

  it('puts improved parts in their place', () => {
    const parts = splitIntoParts(`# A\n\n${paragraph('one', 900)}\n\n# B\n\n${paragraph('two', 900)}\n`, 1000)
    expect(joinParts(parts, [null, '# B\n\nbetter'])).toBe(`# A\n\n${paragraph('one', 900)}\n\n# B\n\nbetter\n`)
  })
})

describe('any page', () => {
  // A small generator with a fixed seed: the same pages on every run.
  const random = mulberry32(7)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const text = () => paragraph(pick(['tea', 'crème brûlée', '茶', 'a. b! c?', '👩‍👩‍👧']), random() * 700)
  const blocks = [
    () => `${'#'.repeat(1 + Math.floor(random() * 6))} ${pick(['One', 'Two'])}`,
    text,
    text,
    () => `\`\`\`${pick(['', 'js'])}\n${text()}\n\n${text()}\n\`\`\``,
    () => `| a |\n| - |\n${'| b |\n'.repeat(random() * 150)}`.trimEnd(),
    () => `- ${text()}\n  - ${text()}\n\n- ${text()}`,
    () => `$$${text()}$$`,
    () => '~~~\nnever closed',
    () => '',
    () => `> ${text()}\n>\n> ${text()}`,
  ]

  it('comes back byte for byte, in parts that fit', () => {
    for (let run = 0; run < 300; run += 1) {
      const page = Array.from({ length: Math.floor(random() * 12) }, () => pick(blocks)()).join(
        pick(['\n', '\n\n', '\n\n\n']),
      )
      const parts = splitIntoParts(page, 500)
      expect(joinParts(parts)).toBe(page)
      for (const part of parts) if (part.isSendable) expect(utf8Bytes(part.text)).toBeLessThanOrEqual(500)
    }
  })
})

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
