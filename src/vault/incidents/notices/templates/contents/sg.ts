import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'Personal Data Protection (Notification of Data Breaches) Regulations 2021'

export const contents: NoticeContents = {
  jurisdiction: 'SG',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [
        ['reg. 6', 'discovered', 'data_categories', 'consequences', 'measures', 'self_help', 'contact'],
      ]),
    },
    authority: {
      instrument: INSTRUMENT,
      items: [
        ...listed('K', [
          [
            'reg. 5',
            'discovered',
            'chronology',
            'cause',
            'numbers',
            'data_categories',
            'consequences',
            'measures',
            'notices_given',
            'contact',
          ],
        ]),
        { item: 'late_reasons', article: 'reg. 5', mark: 'K', onlyIf: 'late' },
      ],
    },
  },
}
