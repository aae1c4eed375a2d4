import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const PIPA = listed('Q', [
  ['34(1)1', 'data_categories'],
  ['34(1)2', 'when', 'cause'],
  ['34(1)3', 'self_help'],
  ['34(1)4', 'measures', 'remedy'],
  ['34(1)5', 'contact'],
])

const INSTRUMENT = 'Personal Information Protection Act (개인정보 보호법)'

export const contents: NoticeContents = {
  jurisdiction: 'KR',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: PIPA,
      note: 'The numbers of the items within 34(1) are general knowledge.',
    },
    authority: {
      instrument: INSTRUMENT,
      items: [
        ...listed('Q', [['34(3), items of 34(1)', 'data_categories', 'when', 'cause', 'self_help']]),
        ...listed('K', [['34(3)', 'numbers', 'notices_given']]),
        ...listed('Q', [['34(3), items of 34(1)', 'measures', 'remedy', 'contact']]),
      ],
      note: 'The report has a form of its own: docs/report.md.',
    },
  },
}
