import type { AudienceContents, NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'
import type { NoticeAudience } from '../items.ts'

const OWN = 'none: what a good notice says'

const persons: AudienceContents = {
  instrument: 'no list in the law',
  items: listed('K', [
    [OWN, 'nature', 'when', 'data_categories', 'consequences', 'measures', 'self_help', 'contact'],
  ]),
  note: 'The contents of GDPR Art. 34(2), and what a reader asks next: when, which data, what to do.',
}

/** Where a jurisdiction or an audience has no list of its own. */
export const GENERAL = {
  jurisdiction: 'GENERAL',
  audiences: {
    persons,
    public: persons,
    authority: {
      instrument: 'no list in the law',
      items: listed('K', [
        [
          OWN,
          'nature',
          'when',
          'data_categories',
          'person_categories',
          'numbers',
          'consequences',
          'measures',
          'contact',
        ],
      ]),
      note: 'The contents of GDPR Art. 33(3), and when it happened.',
    },
    partners: {
      instrument: 'no list in the law',
      items: listed('K', [
        [OWN, 'nature', 'when', 'data_categories', 'numbers', 'measures', 'self_help', 'contact'],
      ]),
      note: 'What a partner needs for its own duties: a processor’s notice under GDPR Art. 33(2) has no list.',
    },
  },
} as const satisfies NoticeContents & { audiences: Record<NoticeAudience, AudienceContents> }
