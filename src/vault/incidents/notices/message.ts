/** A notice as a reader gets it. `language` is a BCP 47 tag; `subject` is one line. */
export type Message = { subject: string; text: string; html: string; language: string }
