/**
 * What counts as a usable answer: the twin of `read_answer` in promptready/prompt.py. tests/vectors/answers.json holds
 * both to one reading.
 */

export type AnswerProblem = 'empty' | 'truncated' | 'refusal' | 'wrong_model'
export type Judged = { usable: true; text: string } | { usable: false; problem: AnswerProblem }

export interface Answer {
  /** What the model was given. */
  source: string
  modelAsked: string
  modelReturned: string | null
  finishReason: string | null
  content: string | null
}

/** 'error' is OpenRouter's for a model that broke off. */
const CUT_SHORT = new Set(['length', 'max_tokens', 'error'])
const LONGEST_REFUSAL_CHARS = 400
const REFUSAL =
  /^(?:(?:i['’]?m|i am)\s+(?:very\s+|really\s+)?(?:sorry|unable|afraid)\b|sorry,|(?:i\s+)?(?:can['’]?t|cannot|can not|won['’]?t|will not|am not able to)\s+(?:help|assist|comply|process|fulfil|fulfill|provide|complete|do)\b|as an ai\b)/i
const WRAPPING_FENCE = /^(`{3,}|~{3,})[ \t]*(?:markdown|md)[ \t]*\n(.*)\n\1/is
const LEADING_THOUGHT = /^\s*<think>.*?<\/think>/s
const VERSION_SUFFIX = /(?:-\d{3,8}|-\d{4}-\d{2}-\d{2}|[-:]latest|:free)$/
const FLOATING_SUFFIX = /(?:[-:]latest|:free)$/

/**
 * The Markdown of a model's reply, or why it can't be used. A fence around the whole answer and a thought before it are
 * the model's manners, not the page's, and are taken off, unless the page itself begins so.
 */
export function judge({ source, modelAsked, modelReturned, finishReason, content }: Answer): Judged {
  if (!isSameModel(modelAsked, modelReturned)) return { usable: false, problem: 'wrong_model' }
  if (finishReason !== null && CUT_SHORT.has(finishReason)) return { usable: false, problem: 'truncated' }
  if (finishReason === 'content_filter' || finishReason === 'refusal') return { usable: false, problem: 'refusal' }
  const text = unwrapped(content ?? '', source)
  if (text.trim() === '') return { usable: false, problem: 'empty' }
  if (isRefusal(text, source)) return { usable: false, problem: 'refusal' }
  return { usable: true, text }
}

/** A provider may add or drop its path prefix, and resolve a name to a dated version of the same model. */
function isSameModel(asked: string, returned: string | null): boolean {
  if (returned === null || returned === '') return false
  const askedName = nameOf(asked)
  const returnedName = nameOf(returned)
  const undated = returnedName.replace(VERSION_SUFFIX, '')
  const floating = askedName.replace(FLOATING_SUFFIX, '')
  return [askedName, floating].some((name) => name === returnedName || name === undated)
}

function nameOf(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase()
}

function unwrapped(content: string, source: string): string {
  const thoughtless = source.trimStart().startsWith('<think>') ? content : content.replace(LEADING_THOUGHT, '')
  const text = withoutOuterNewlines(thoughtless)
  const fence = WRAPPING_FENCE.exec(text.trim())
  const isWhole = fence !== null && fence[0].length === text.trim().length
  return isWhole && !WRAPPING_FENCE.test(source.trimStart()) ? withoutOuterNewlines(fence[2] ?? '') : text
}

function withoutOuterNewlines(text: string): string {
  return text.replace(/^[\r\n]+/, '').trimEnd()
}

/** A short apology that the page does not contain. Long answers are judged by their fidelity instead. */
function isRefusal(text: string, source: string): boolean {
  const start = text.trim()
  return start.length <= LONGEST_REFUSAL_CHARS && REFUSAL.test(start) && !source.includes(start.slice(0, 40))
}
