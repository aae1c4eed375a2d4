import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'New York General Business Law'

export const contents: NoticeContents = {
  jurisdiction: 'US-NY',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [['899-aa(7)', 'contact', 'agencies', 'data_categories']]),
    },
    authority: {
      instrument: INSTRUMENT,
      items: listed('K', [['899-aa(8)(a)', 'notices_given', 'numbers']]),
      note: 'A copy of the notice to the persons goes with it.',
    },
  },
}
