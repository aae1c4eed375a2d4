import type { NoticeAudience, NoticeItem } from '../items.ts'
import type { SectionCode } from '../sections.ts'

/** Text of ours: `{sender}` and `{instrument}` are filled in, once; nothing in a value is. */
export type Framing = {
  subject: { established: string; possible: string }
  greeting: string
  opening: { established: string; possible: string }
  closing: string
}

/** One language. */
export type NoticeWords = {
  audiences: Readonly<Record<NoticeAudience, Framing>>
  sections: Readonly<Record<SectionCode, string>>
  labels: Readonly<Record<NoticeItem, string>>
  /** Between a label and what follows it. */
  colon: string
  reference: string
}
