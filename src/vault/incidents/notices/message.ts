import type { SubjectId } from '../../../core/id.ts'

/** What goes out to one recipient. `html` says the same as `text`; `language` is a BCP 47 tag. */
export type Message = { subject: string; text: string; html?: string; language: string }

/** For whom it is. No subject: an authority or a partner. Without a name its place stays as it is, for whoever passes it on. */
export type Addressee = {
  subject: SubjectId | null
  jurisdiction: string | null
  language: string | null
  name?: string
}

/** Says a notice to one recipient. Pure. */
export type Render = (person: Addressee) => Message
