import type { SubjectId } from '../../../core/id.ts'

/** What goes out to one recipient. `html` says the same as `text`; `language` is a BCP 47 tag. */
export type Message = { subject: string; text: string; html?: string; language: string }

/** For whom it is. No subject: an authority or a partner. The name is there only where the draft asks for it. */
export type Addressee = {
  subject: SubjectId | null
  jurisdiction: string | null
  language: string | null
  name?: string
}

/** Says a notice to one recipient. Pure. */
export type Render = (person: Addressee) => Message
