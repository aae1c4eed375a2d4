import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'the Privacy Commissioner’s guidance on data breaches (recommended, not law)'
const ARTICLE = 'the guidance’s list'

export const contents: NoticeContents = {
  jurisdiction: 'HK',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [
        [
          ARTICLE,
          'nature',
          'when',
          'discovered',
          'cause',
          'data_categories',
          'consequences',
          'measures',
          'contact',
          'self_help',
          'police_informed',
        ],
      ]),
    },
    authority: {
      instrument: INSTRUMENT,
      items: listed('K', [
        [
          ARTICLE,
          'nature',
          'when',
          'discovered',
          'cause',
          'data_categories',
          'numbers',
          'consequences',
          'measures',
          'notices_given',
          'contact',
        ],
      ]),
    },
  },
}
