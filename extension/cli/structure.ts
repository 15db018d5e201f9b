/** How much of a page's structure survives in a Markdown text, feature by feature. */
import { compare, FEATURES, type Feature, features, type Score } from './features'

export interface StructureOptions {
  readonly url: string
  /**
   * Whether the reference is one of our own expectations. Those have maths, exact heading levels, ticks of tasks and the first
   * line's indentation; a benchmark's references have prices for `$…$`, levels that its annotators chose, and none of the rest.
   */
  readonly isFixture: boolean
}

/** Both texts are read by an independent Markdown parser. Null for what the reference does not have at all. */
export function structureScores(
  markdown: string,
  reference: string,
  { url, isFixture }: StructureOptions,
): Record<Feature, Score | null> {
  const options = { url, hasMaths: isFixture, hasLevels: isFixture, hasTicks: isFixture, hasExactCode: isFixture }
  const found = features(markdown, options)
  const wanted = features(reference, options)
  const scores = FEATURES.map((feature) => [feature, compare(found[feature], wanted[feature])])
  return Object.fromEntries(scores) as Record<Feature, Score | null>
}
