import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'Digital Personal Data Protection Rules'

export const contents: NoticeContents = {
  jurisdiction: 'IN',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [
        ['Rule 7(1)(a)', 'nature', 'numbers', 'when', 'place'],
        ['Rule 7(1)(b)', 'consequences'],
        ['Rule 7(1)(c)', 'measures'],
        ['Rule 7(1)(d)', 'self_help'],
        ['Rule 7(1)(e)', 'contact'],
      ]),
      note: 'Concise, clear and plain. “Extent” is taken as how many.',
    },
    authority: {
      instrument: INSTRUMENT,
      items: listed('K', [
        ['Rule 7(2)(a)', 'nature', 'numbers', 'when', 'place', 'consequences'],
        ['Rule 7(2)(b)', 'cause', 'measures', 'perpetrator', 'prevention', 'notices_given'],
      ]),
      note: 'What 7(2)(a) lists goes at once, the rest within 72 hours.',
    },
  },
}
