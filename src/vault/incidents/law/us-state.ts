import type { DataClass, Note } from './rule.ts'

const classes: readonly DataClass[] = [
  'government_id',
  'financial_account',
  'health',
  'biometric',
  'account_credentials',
]

const note: Note = {
  text: 'Each state defines what is covered, mostly a name together with one of these; name, address and phone alone are not. The classes are coarser than the statute.',
  mark: 'K',
}

/** What the breach laws of the states here cover. */
export const US_STATE_CLASSES = { classes, note }
