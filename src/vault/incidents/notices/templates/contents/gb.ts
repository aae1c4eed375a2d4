import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'UK GDPR'

export const contents: NoticeContents = {
  jurisdiction: 'GB',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('S', [
        ['34(2), 33(3)(b)', 'contact'],
        ['34(2), 33(3)(c)', 'consequences'],
        ['34(2), 33(3)(d)', 'measures'],
        ['34(2)', 'nature'],
      ]),
      note: 'In clear and plain language.',
    },
    authority: {
      instrument: INSTRUMENT,
      items: [
        ...listed('S', [
          ['33(3)(a)', 'nature', 'person_categories', 'data_categories', 'numbers'],
          ['33(3)(b)', 'contact'],
          ['33(3)(c)', 'consequences'],
          ['33(3)(d)', 'measures'],
        ]),
        { item: 'late_reasons', article: '33(1)', mark: 'S', onlyIf: 'late' },
      ],
    },
  },
}
