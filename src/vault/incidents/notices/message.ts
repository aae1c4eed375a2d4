import type { SubjectId } from '../../../core/id.ts'

/** A notice as a reader gets it. `html` says the same as `text`; `language` is a BCP 47 tag; `subject` is one line. */
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
