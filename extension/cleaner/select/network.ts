/**
 * A small network that reads along the page, from the model file. `training/network.py` computes and trains the same.
 *
 * What is known of a block becomes a few channels. Each layer adds to them what stands at one distance before and
 * after, and the mean of the whole page. Weights are in thousandths; a matrix has a row for every number it is given.
 */
export interface NetworkFile {
  inputs: string[]
  /** Per input, how it is scaled. */
  means: number[]
  deviations: number[]
  /** Trained alike from other beginnings; their mean counts. */
  members: MemberFile[]
}

interface MemberFile {
  embed: number[][]
  embedBias: number[]
  /** Per input: what it adds to the answer itself. */
  direct: number[]
  layers: LayerFile[]
  /** What each channel adds to the answer, first as embedded, then as the last layer left it. */
  answer: number[]
  answerBias: number
}

interface LayerFile {
  distance: number
  before: number[][]
  here: number[][]
  after: number[][]
  page: number[][]
  bias: number[]
}

/**
 * Log odds per block, in the order of the page.
 *
 * @param words per block, 0 or more: how much it speaks for the page
 * @param rowOf what is known of a block; the row may be the same array every time
 */
export type Network = (words: ArrayLike<number>, rowOf: (block: number) => Float32Array) => Float64Array

interface Layer {
  distance: number
  before: Float64Array
  here: Float64Array
  after: Float64Array
  page: Float64Array
  bias: Float64Array
}

/** Deviations from the mean beyond which inputs are all alike. As in training/network.py. */
export const LIMIT = 4

/**
 * @param names what the columns of a row are called
 * @throws if the file asks for an input that is not among them: a model and its features belong together
 */
export function network(file: NetworkFile, names: readonly string[]): Network {
  const embed = embedding(file, names)
  const members = file.members.map(reader)
  return (words, rowOf) => {
    const embedded = embed(words.length, rowOf)
    const answers = members.map((read) => read(embedded, words))
    return new Float64Array(words.length).map(
      (_, block) => answers.reduce((sum, each) => sum + (each[block] as number), 0) / answers.length,
    )
  }
}

/**
 * What the inputs of a block add up to, block after block: for each member its channels, then its direct answer.
 *
 * A block differs from the one before it in few inputs, so the sums are carried on and only changes are added.
 */
function embedding(
  file: NetworkFile,
  names: readonly string[],
): (count: number, rowOf: (block: number) => Float32Array) => Float32Array {
  const columns = file.inputs.map((name) => {
    const column = names.indexOf(name)
    if (column < 0) throw new Error(`the model asks for an unknown feature: ${name}`)
    return column
  })
  const perInput = weights(
    columns.map((_, input) =>
      file.members.flatMap(({ embed, direct }) => [...(embed[input] ?? []), direct[input] ?? 0]),
    ),
  )
  const bias = weights([file.members.flatMap(({ embedBias, answerBias }) => [...embedBias, answerBias])])
  const scaled = (value: number, input: number): number =>
    Math.min(LIMIT, Math.max(-LIMIT, (value - (file.means[input] ?? 0)) / (file.deviations[input] ?? 1)))
  return (count, rowOf) => {
    const embedded = new Float32Array(count * bias.length)
    const last = new Float32Array(columns.length)
    const lastScaled = Float64Array.from(columns, (_, input) => scaled(0, input))
    const sums = bias.slice()
    for (let input = 0; input < columns.length; input++) add(sums, lastScaled[input] as number, perInput, input)
    for (let block = 0; block < count; block++) {
      const row = rowOf(block)
      for (let input = 0; input < columns.length; input++) {
        const value = row[columns[input] as number] as number
        if (value === last[input]) continue
        const now = scaled(value, input)
        add(sums, now - (lastScaled[input] as number), perInput, input)
        last[input] = value
        lastScaled[input] = now
      }
      embedded.set(sums, block * bias.length)
    }
    return embedded
  }
}

/** The answers of one member, from what `embedding` found for all. */
function reader(
  file: MemberFile,
  number: number,
  { length: members }: { length: number },
): (embedded: Float32Array, words: ArrayLike<number>) => Float64Array {
  const layers = file.layers.map(
    ({ distance, before, here, after, page, bias }): Layer => ({
      distance,
      before: weights(before),
      here: weights(here),
      after: weights(after),
      page: weights(page),
      bias: weights([bias]),
    }),
  )
  const answer = weights([file.answer])
  const size = file.embedBias.length
  const step = members * (size + 1)
  return (embedded, words) => {
    const channels = new Float32Array(words.length * size)
    for (let block = 0; block < words.length; block++) {
      const from = block * step + number * (size + 1)
      for (let channel = 0; channel < size; channel++) {
        channels[block * size + channel] = Math.max(0, embedded[from + channel] as number)
      }
    }
    const read = layers.reduce<Float32Array>((before, layer) => heard(before, layer, words), channels)
    return Float64Array.from(words, (_, block) => {
      let sum = embedded[block * step + number * (size + 1) + size] as number
      for (let channel = 0; channel < size; channel++) {
        sum += (channels[block * size + channel] as number) * (answer[channel] as number)
        sum += (read[block * size + channel] as number) * (answer[size + channel] as number)
      }
      return sum
    })
  }
}

/** The channels after a layer. */
function heard(channels: Float32Array, layer: Layer, words: ArrayLike<number>): Float32Array {
  const size = layer.bias.length
  const everywhere = layer.bias.slice()
  addProduct(everywhere, pageMean(channels, words, size), 0, layer.page)
  const next = channels.slice()
  const sums = new Float64Array(size)
  for (let block = 0; block < words.length; block++) {
    sums.set(everywhere)
    addProduct(sums, channels, (block - layer.distance) * size, layer.before)
    addProduct(sums, channels, block * size, layer.here)
    addProduct(sums, channels, (block + layer.distance) * size, layer.after)
    for (let channel = 0; channel < size; channel++) {
      if ((sums[channel] as number) > 0) (next[block * size + channel] as number) += sums[channel] as number
    }
  }
  return next
}

/** The mean of a page's channels. A long paragraph speaks for it more than a menu entry, but not for all of it. */
function pageMean(channels: Float32Array, words: ArrayLike<number>, size: number): Float32Array {
  const mean = new Float32Array(size)
  let all = 0
  for (let block = 0; block < words.length; block++) {
    const say = Math.sqrt((words[block] as number) + 0.5)
    all += say
    for (let channel = 0; channel < size; channel++) {
      ;(mean[channel] as number) += say * (channels[block * size + channel] as number)
    }
  }
  return all > 0 ? mean.map((sum) => sum / all) : mean
}

/**
 * Adds the product of one block's channels with a matrix; a block before the first or after the last is all zeros.
 *
 * Nearly all of the time is spent here. Both loops in one function, and the zeros left out, are twice as fast on the
 * first page that a tab sees, before the engine has compiled anything.
 */
function addProduct(sums: Float64Array, channels: Float32Array, at: number, matrix: Float64Array): void {
  if (at < 0 || at >= channels.length) return
  const size = sums.length
  for (let channel = 0; channel < size; channel++) {
    const value = channels[at + channel] as number
    if (value === 0) continue
    const row = channel * size
    for (let i = 0; i < size; i++) (sums[i] as number) += value * (matrix[row + i] as number)
  }
}

/** Adds one row of a matrix, times a factor. */
function add(sums: Float64Array, factor: number, matrix: Float64Array, row: number): void {
  const at = row * sums.length
  for (let i = 0; i < sums.length; i++) (sums[i] as number) += factor * (matrix[at + i] as number)
}

function weights(rows: number[][]): Float64Array {
  return Float64Array.from(rows.flat(), (thousandths) => thousandths / 1000)
}
