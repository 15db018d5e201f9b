/**
 * Decision trees, read from the model file and asked for a number.
 *
 * The file names each feature once with the thresholds its trees use. A tree is its nodes in depth-first order: an
 * inner node is `feature * 64 + threshold`, a leaf is `-1 - value`, where values are in thousandths and moved up by
 * `LEAF_SHIFT` so that they are never negative.
 */
export interface ForestFile {
  features: string[]
  thresholds: number[][]
  trees: number[][]
}

const LEAF_SHIFT = 100_000

/** Sum of the leaves a row falls into, in the model's raw units (log odds). */
export type Forest = (row: Float32Array) => number

/**
 * @param names what the columns of a row are called
 * @throws if the file asks for a feature that is not among them: a model and its features belong together
 */
export function forest(file: ForestFile, names: readonly string[]): Forest {
  const columns = file.features.map((name) => {
    const column = names.indexOf(name)
    if (column < 0) throw new Error(`the model asks for an unknown feature: ${name}`)
    return column
  })
  const size = file.trees.reduce((sum, tree) => sum + tree.length, 0)
  const feature = new Int16Array(size).fill(-1)
  const value = new Float64Array(size)
  const right = new Int32Array(size)
  const roots: number[] = []
  let at = 0
  for (const tree of file.trees) {
    roots.push(at)
    // Inner nodes still waiting to learn where their right child begins.
    const waiting: number[] = []
    for (const code of tree) {
      if (code >= 0) {
        feature[at] = columns[code >> 6] ?? 0
        value[at] = file.thresholds[code >> 6]?.[code & 63] ?? 0
        waiting.push(at)
      } else {
        value[at] = (-1 - code - LEAF_SHIFT) / 1000
        const parent = waiting.pop()
        if (parent !== undefined) right[parent] = at + 1
      }
      at++
    }
  }
  return (row) => {
    let sum = 0
    for (const root of roots) {
      let node = root
      for (let column = feature[node] as number; column >= 0; column = feature[node] as number) {
        // The left child follows its parent.
        node = (row[column] as number) > (value[node] as number) ? (right[node] as number) : node + 1
      }
      sum += value[node] as number
    }
    return sum
  }
}

export const sigmoid = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))
