import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'California Civil Code'

export const contents: NoticeContents = {
  jurisdiction: 'US-CA',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: [
        ...listed('K', [
          ['1798.82(d)(1)', 'nature', 'data_categories', 'measures', 'self_help'],
          ['1798.82(d)(2)(A)', 'sender', 'contact'],
          ['1798.82(d)(2)(C)', 'when', 'notice_date'],
        ]),
        { item: 'police_delay', article: '1798.82(d)(2)(D)', mark: 'K', onlyIf: 'police_delay' },
        { item: 'credit_agencies', article: '1798.82(d)(2)(F)', mark: 'K', onlyIf: 'government_id' },
        { item: 'identity_service', article: '1798.82(d)(2)(G)', mark: 'K', onlyIf: 'government_id' },
      ],
      note: 'Title and headings as prescribed. Set in at least 10 points: print at the size of the page.',
    },
    authority: {
      instrument: INSTRUMENT,
      items: listed('K', [['1798.82(f)', 'notices_given', 'contact']]),
      note: 'A sample copy of the notice to the persons goes with it.',
    },
  },
  english: {
    subject: 'Notice of Data Breach',
    headings: {
      what_happened: 'What Happened',
      what_data: 'What Information Was Involved',
      what_we_do: 'What We Are Doing',
      what_you_can_do: 'What You Can Do',
      more: 'For More Information',
    },
  },
}
