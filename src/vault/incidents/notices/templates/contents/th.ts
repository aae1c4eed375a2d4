import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'notification of the Personal Data Protection Committee on breaches'

export const contents: NoticeContents = {
  jurisdiction: 'TH',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [
        ['contents to the persons', 'nature', 'contact', 'consequences', 'self_help', 'measures'],
      ]),
    },
    authority: {
      instrument: INSTRUMENT,
      items: [
        ...listed('K', [
          [
            'contents to the office',
            'nature',
            'person_categories',
            'data_categories',
            'numbers',
            'contact',
            'consequences',
            'measures',
          ],
        ]),
        { item: 'late_reasons', article: 'contents to the office', mark: 'K', onlyIf: 'late' },
      ],
    },
  },
}
