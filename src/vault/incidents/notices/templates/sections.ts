import type { NoticeItem } from './items.ts'

/** Under which heading a reader finds what, in reading order. The first item of a section stands without a label of its own. */
export const SECTIONS = {
  what_happened: ['nature', 'when', 'discovered', 'place', 'cause', 'police_delay', 'late_reasons'],
  what_data: ['data_categories', 'person_categories', 'numbers'],
  what_it_means: ['consequences', 'secondary_damage'],
  what_we_do: [
    'measures',
    'chronology',
    'prevention',
    'response_to_persons',
    'publication',
    'notices_given',
    'police_informed',
    'perpetrator',
    'identity_service',
    'free_services',
  ],
  what_you_can_do: ['self_help', 'remedy', 'credit_agencies', 'agencies'],
  more: ['contact', 'other', 'sender', 'notice_date'],
} as const satisfies Record<string, readonly NoticeItem[]>
export type SectionCode = keyof typeof SECTIONS
