import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

export const contents: NoticeContents = {
  jurisdiction: 'TW',
  audiences: {
    persons: {
      instrument: 'Personal Data Protection Act (個人資料保護法), enforcement rules',
      items: listed('K', [['rules 22(2)', 'nature', 'measures']]),
      note: 'The fact of the violation and the measures taken. Sector rules may ask for more.',
    },
  },
}
