import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'Resolution CD/ANPD 15/2024'

export const contents: NoticeContents = {
  jurisdiction: 'BR',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: [
        ...listed('K', [
          [
            '9',
            'nature',
            'data_categories',
            'measures',
            'consequences',
            'discovered',
            'self_help',
            'contact',
          ],
        ]),
        { item: 'late_reasons', article: '9', mark: 'K', onlyIf: 'late' },
      ],
      note: 'In plain language.',
    },
    authority: {
      instrument: INSTRUMENT,
      items: [
        ...listed('K', [
          [
            '6',
            'nature',
            'data_categories',
            'person_categories',
            'numbers',
            'measures',
            'consequences',
            'when',
            'discovered',
            'cause',
            'prevention',
            'contact',
          ],
        ]),
        { item: 'late_reasons', article: '6', mark: 'K', onlyIf: 'late' },
      ],
    },
  },
}
