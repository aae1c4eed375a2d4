import type { NoticeContents } from '../requirement.ts'
import { listed } from '../requirement.ts'

const INSTRUMENT = 'HIPAA Breach Notification Rule'

const individuals = {
  instrument: INSTRUMENT,
  items: listed('K', [
    ['45 CFR 164.404(c)(1)(A)', 'nature', 'when', 'discovered'],
    ['45 CFR 164.404(c)(1)(B)', 'data_categories'],
    ['45 CFR 164.404(c)(1)(C)', 'self_help'],
    ['45 CFR 164.404(c)(1)(D)', 'measures', 'prevention'],
    ['45 CFR 164.404(c)(1)(E)', 'contact'],
  ]),
  note: 'For covered entities; for everybody else in states without a file here it is taken as the better list.',
} as const

export const contents: NoticeContents = {
  jurisdiction: 'US',
  audiences: {
    persons: individuals,
    public: { ...individuals, note: 'The notice to the media, 164.406, has the same contents.' },
  },
}
