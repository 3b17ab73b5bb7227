import { SlipwayError } from '../../errors.ts'
import { block, defineCheck, pass } from '../check.ts'

/** Slipway is in the channel where it is to tell the story. */
export const botInChannel = defineCheck({
  category: 'team',
  name: 'bot-in-channel',
  title: 'Slipway is in the channel',
  settings: {},
  looksAt: ({ config }) => config.slack.channel,
  expects: () => 'the channel exists, and Slipway is a member',
  async run({ outside, config }) {
    try {
      await outside.channel()
      return pass(config.slack.channel)
    } catch (error) {
      if (error instanceof SlipwayError && error.code === 'slack-channel') return block(error.message, error.todo)
      throw error
    }
  },
})
