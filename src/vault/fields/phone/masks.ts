/**
 * How numbers are hidden, as data. The first rule whose `nationalDigits` the number reaches counts: so many digits of the
 * national number stay at its head and tail. Each leaves at least six hidden; `138****5678` leaves four and fails.
 */
export const MASK_RULES = {
  version: 1,
  source: 'GB/T 41833-2022',
  minHiddenDigits: 6,
  rules: [
    { nationalDigits: 11, head: 3, tail: 2, callingCode: true },
    { nationalDigits: 10, head: 2, tail: 2, callingCode: true },
    { nationalDigits: 9, head: 1, tail: 2, callingCode: true },
    { nationalDigits: 8, head: 0, tail: 2, callingCode: true },
    { nationalDigits: 7, head: 0, tail: 1, callingCode: true },
    { nationalDigits: 6, head: 0, tail: 0, callingCode: true },
    // Niue, Saint Helena: with the calling code too there are six to hide.
    { nationalDigits: 0, head: 0, tail: 0, callingCode: false },
  ],
} as const

/** ITU-T E.164 codes that belong to no country, so that the list of countries does not name them. */
export const NON_GEOGRAPHIC_CODES = ['800', '808', '870', '878', '881', '882', '883', '888', '979'] as const
