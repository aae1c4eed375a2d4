import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'Breach of Security Safeguards Regulations'

export const contents: NoticeContents = {
  jurisdiction: 'CA',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [
        ['3(a)', 'nature'],
        ['3(b)', 'when'],
        ['3(c)', 'data_categories'],
        ['3(d)', 'measures'],
        ['3(e)', 'self_help'],
        ['3(f)', 'contact'],
      ]),
    },
    authority: {
      instrument: INSTRUMENT,
      items: listed('K', [
        ['2(1)(a)', 'nature', 'cause'],
        ['2(1)(b)', 'when'],
        ['2(1)(c)', 'data_categories'],
        ['2(1)(d)', 'numbers'],
        ['2(1)(e)', 'measures'],
        ['2(1)(f)', 'notices_given'],
        ['2(1)(g)', 'contact'],
      ]),
    },
  },
}
