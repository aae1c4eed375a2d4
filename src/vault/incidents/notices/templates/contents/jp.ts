import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT =
  'Act on the Protection of Personal Information (個人情報の保護に関する法律), enforcement rules'

export const contents: NoticeContents = {
  jurisdiction: 'JP',
  audiences: {
    persons: {
      instrument: INSTRUMENT,
      items: listed('K', [
        ['rules 10, 8(1)1', 'nature'],
        ['rules 10, 8(1)2', 'data_categories'],
        ['rules 10, 8(1)4', 'cause'],
        ['rules 10, 8(1)5', 'secondary_damage'],
        ['rules 10, 8(1)9', 'other'],
      ]),
      note: 'Which of the nine items a person gets is general knowledge.',
    },
    authority: {
      instrument: INSTRUMENT,
      items: listed('Q', [
        ['rules 8(1)1', 'nature'],
        ['rules 8(1)2', 'data_categories'],
        ['rules 8(1)3', 'numbers'],
        ['rules 8(1)4', 'cause'],
        ['rules 8(1)5', 'secondary_damage'],
        ['rules 8(1)6', 'response_to_persons'],
        ['rules 8(1)7', 'publication'],
        ['rules 8(1)8', 'prevention'],
        ['rules 8(1)9', 'other'],
      ]),
      note: 'The nine items are in the evidence; their order in the rules is from secondary sources. A first report says what is known then.',
    },
  },
}
