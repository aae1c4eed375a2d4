import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'Florida Statutes'

export const contents: NoticeContents = {
  jurisdiction: 'US-FL',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [['501.171(4)(e)', 'when', 'data_categories', 'contact']]),
    },
    authority: {
      instrument: INSTRUMENT,
      items: [
        ...listed('K', [
          ['501.171(3)(b)1', 'nature'],
          ['501.171(3)(b)2', 'numbers'],
        ]),
        { item: 'free_services', article: '501.171(3)(b)3', mark: 'K', onlyIf: 'free_services' },
        ...listed('K', [
          ['501.171(3)(b)4', 'notices_given'],
          ['501.171(3)(b)5', 'contact'],
        ]),
      ],
      note: 'A copy of the notice to the persons goes with it.',
    },
  },
}
