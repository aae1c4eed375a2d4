import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

export const contents: NoticeContents = {
  jurisdiction: 'US-TX',
  audiences: {
    authority: {
      instrument: 'Texas Business and Commerce Code',
      items: listed('K', [
        ['521.053(i)(1)', 'nature', 'cause'],
        ['521.053(i)(2)', 'numbers'],
        ['521.053(i)(3)', 'notices_given'],
        ['521.053(i)(4)', 'measures'],
        ['521.053(i)(5)', 'prevention'],
        ['521.053(i)(6)', 'police_informed'],
      ]),
    },
  },
}
