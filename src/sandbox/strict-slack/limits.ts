/**
 * What Slack takes, in characters and pieces. Each figure is from the page it names, below docs.slack.dev/reference unless
 * another place is named; read in November 2026.
 */
export const limits = {
  /** Blocks in a message, and in a modal (block-kit/blocks). */
  messageBlocks: 50,
  viewBlocks: 100,
  /** The text beside the blocks. More than 40,000 characters of a post are cut off, of an edit more than 4,000 are refused (methods/chat.postMessage, methods/chat.update). */
  postText: 40_000,
  editText: 4_000,
  /** All text of a message's blocks. Documented nowhere: from 13,172 characters on it was refused (github.com/slackapi/bolt-js/issues/2509). */
  blockTexts: 13_000,
  /** block-kit/composition-objects/text-object, blocks/section-block, blocks/header-block */
  text: 3_000,
  field: 2_000,
  header: 150,
  /** Fields of a section, elements of a context and of an actions block (their pages below block-kit/blocks). */
  fields: 10,
  contextElements: 10,
  actions: 25,
  /** Every block, and every element that somebody can use (block-kit/blocks, block-kit/block-elements). */
  blockId: 255,
  actionId: 255,
  /** block-kit/block-elements/button-element */
  buttonText: 75,
  buttonValue: 2_000,
  url: 3_000,
  /** block-kit/composition-objects/option-object, block-elements/radio-button-group-element */
  optionText: 75,
  optionValue: 150,
  options: 10,
  /** block-kit/blocks/input-block, block-elements/plain-text-input-element */
  label: 2_000,
  placeholder: 150,
  typed: 3_000,
  /** views/modal-views; `title` is that of its two buttons, too. */
  title: 24,
  privateMetadata: 3_000,
  callbackId: 255,
  /** How long a trigger may be used, in ms (docs.slack.dev/interactivity/handling-user-interaction, "trigger_id"). */
  trigger: 3_000,
} as const
