import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const statement = {
  instrument: 'Privacy Act 1988',
  items: listed('K', [
    ['26WK(3)(a)', 'sender', 'contact'],
    ['26WK(3)(b)', 'nature'],
    ['26WK(3)(c)', 'data_categories'],
    ['26WK(3)(d)', 'self_help'],
  ]),
  note: 'One statement for the Commissioner and the persons.',
} as const

export const contents: NoticeContents = {
  jurisdiction: 'AU',
  audiences: { persons: statement, authority: statement },
}
