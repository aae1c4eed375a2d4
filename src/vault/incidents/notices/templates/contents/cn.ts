import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const PIPL = listed('R', [
  ['57(1)', 'data_categories', 'cause', 'consequences'],
  ['57(2)', 'measures', 'self_help'],
  ['57(3)', 'contact'],
])

const INSTRUMENT = 'Personal Information Protection Law (个人信息保护法)'

export const contents: NoticeContents = {
  jurisdiction: 'CN',
  audiences: {
    persons: { instrument: INSTRUMENT, items: PIPL },
    authority: {
      instrument: INSTRUMENT,
      items: PIPL,
      note: 'The report to the cyberspace administration has a form of its own: docs/report.md.',
    },
  },
}
