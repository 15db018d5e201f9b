/** Attributes by which one step of the cleaner tells a later one what it saw. */

/** On elements the live page does not show. */
export const HIDDEN_ATTRIBUTE = 'data-promptready-hidden'
/** On elements that only their style sets apart: 'block' for blocks, 'word' for neighbours on one line. */
export const BLOCK_ATTRIBUTE = 'data-promptready-block'
/** On list items that open with a checkbox: 'true' or 'false'. */
export const TASK_ATTRIBUTE = 'data-promptready-task'
/** On code blocks: the language's name. */
export const LANGUAGE_ATTRIBUTE = 'data-promptready-language'
/** On a cell: what the icon says that is all there is in it. */
export const SIGN_ATTRIBUTE = 'data-promptready-sign'
