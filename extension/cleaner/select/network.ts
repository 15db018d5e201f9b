/**
 * A small network that reads along the page, from the model file. `training/network.py` computes and trains the same.
 *
 * What is known of a block becomes a few channels. Each layer blends every channel with what it is at one distance
 * before and after, and adds a mix of those, and of the page's means, to them. Weights are in thousandths; a matrix has
 * a row for every number it is given.
 */
export interface NetworkFile {
  inputs: string[]
  /** Per input, how it is scaled. */
  means: number[]
  deviations: number[]
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
  /** Per channel: how much of it is taken from there. */
  before: number[]
  here: number[]
  after: number[]
  /** From what was blended, and from the page's means, to what is added. */
  mix: number[][]
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
  mix: Float64Array
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
  const layers = file.layers.map(
    ({ distance, before, here, after, mix, page, bias }): Layer => ({
      distance,
      before: weights([before]),
      here: weights([here]),
      after: weights([after]),
      mix: weights(mix),
      page: weights(page),
      bias: weights([bias]),
    }),
  )
  const answer = weights([file.answer])
  const size = file.embedBias.length
  return (words, rowOf) => {
    const { embedded, answers } = embed(words.length, rowOf)
    const read = layers.reduce((channels, layer) => heard(channels, layer, words), embedded)
    for (let block = 0; block < words.length; block++) {
      const at = block * size
      for (let channel = 0; channel < size; channel++) {
        ;(answers[block] as number) += (embedded[at + channel] as number) * (answer[channel] as number)
        ;(answers[block] as number) += (read[at + channel] as number) * (answer[size + channel] as number)
      }
    }
    return answers
  }
}

interface Embedded {
  /** The channels, block after block. */
  embedded: Float32Array
  /** Per block: what its inputs add to the answer themselves. */
  answers: Float64Array
}

/** A block differs from the one before it in few inputs, so the sums are carried on and only changes are added. */
function embedding(
  file: NetworkFile,
  names: readonly string[],
): (count: number, rowOf: (block: number) => Float32Array) => Embedded {
  const columns = file.inputs.map((name) => {
    const column = names.indexOf(name)
    if (column < 0) throw new Error(`the model asks for an unknown feature: ${name}`)
    return column
  })
  const size = file.embedBias.length
  const perInput = weights(file.embed.map((row, input) => [...row, file.direct[input] ?? 0]))
  const bias = weights([[...file.embedBias, file.answerBias]])
  const means = new Float64Array(file.means)
  const deviations = new Float64Array(file.deviations)
  const scaled = (value: number, input: number): number =>
    Math.min(LIMIT, Math.max(-LIMIT, (value - (means[input] as number)) / (deviations[input] as number)))
  return (count, rowOf) => {
    const embedded = new Float32Array(count * size)
    const answers = new Float64Array(count)
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
      for (let channel = 0; channel < size; channel++) {
        embedded[block * size + channel] = Math.max(0, sums[channel] as number)
      }
      answers[block] = sums[size] as number
    }
    return { embedded, answers }
  }
}

/** The channels after a layer. */
function heard(channels: Float32Array, layer: Layer, words: ArrayLike<number>): Float32Array {
  const size = layer.bias.length
  const everywhere = layer.bias.slice()
  addProduct(everywhere, pageMean(channels, words, size), layer.page)
  const next = channels.slice()
  const near = new Float32Array(size)
  const sums = new Float64Array(size)
  for (let block = 0; block < words.length; block++) {
    near.fill(0)
    blend(near, channels, block - layer.distance, layer.before)
    blend(near, channels, block, layer.here)
    blend(near, channels, block + layer.distance, layer.after)
    sums.set(everywhere)
    addProduct(sums, near, layer.mix)
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

/** Adds a share of every channel of a block; one before the first or after the last is all zeros. */
function blend(near: Float32Array, channels: Float32Array, block: number, shares: Float64Array): void {
  const at = block * near.length
  if (at < 0 || at >= channels.length) return
  for (let i = 0; i < near.length; i++) (near[i] as number) += (channels[at + i] as number) * (shares[i] as number)
}

function addProduct(sums: Float64Array, vector: Float32Array, matrix: Float64Array): void {
  for (let row = 0; row < vector.length; row++) {
    const value = vector[row] as number
    if (value !== 0) add(sums, value, matrix, row)
  }
}

/** Adds one row of a matrix, times a factor. Nearly all of the time is spent here. */
function add(sums: Float64Array, factor: number, matrix: Float64Array, row: number): void {
  const at = row * sums.length
  for (let i = 0; i < sums.length; i++) (sums[i] as number) += factor * (matrix[at + i] as number)
}

/** A matrix laid end to end; the file has thousandths. */
function weights(rows: number[][]): Float64Array {
  const flat = new Float64Array(rows.flat())
  for (let i = 0; i < flat.length; i++) (flat[i] as number) /= 1000
  return flat
}
