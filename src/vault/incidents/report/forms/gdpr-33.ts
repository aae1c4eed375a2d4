import type { Form } from './form.ts'
import { en } from './words/en.ts'

export const gdpr33: Form = {
  code: 'gdpr-33',
  title: 'Notification of a personal data breach to the supervisory authority',
  instrument: 'GDPR, Regulation (EU) 2016/679, Art. 33(3)',
  words: en,
  mark: 'Q',
  note: 'Authorities have forms of their own on their sites; these are the contents that each of them asks for. What is open may follow without undue further delay, Art. 33(4).',
  items: [
    {
      number: '33(3)(a)',
      label: 'The nature of the breach, and where possible categories and approximate numbers',
      parts: [
        { label: 'Nature of the breach', facts: ['what', 'window', 'aware', 'severity'], text: 'nature' },
        { label: 'Categories of data subjects', text: 'person_categories' },
        {
          label: 'Approximate number of data subjects',
          facts: ['persons', 'jurisdictions', 'copied'],
          text: 'numbers',
        },
        { label: 'Categories of records', facts: ['fields'], text: 'data_categories' },
        { label: 'Approximate number of records', facts: ['disclosures'] },
      ],
    },
    {
      number: '33(3)(b)',
      label: 'Name and contact details of the data protection officer or another contact point',
      parts: [{ label: 'Contact', text: 'contact' }],
    },
    {
      number: '33(3)(c)',
      label: 'The likely consequences of the breach',
      parts: [{ label: 'Consequences', text: 'consequences' }],
    },
    {
      number: '33(3)(d)',
      label: 'The measures taken or proposed, also to mitigate possible adverse effects',
      parts: [
        { label: 'Measures taken', facts: ['measures'], text: 'measures' },
        { label: 'Measures towards the persons', facts: ['notices'], text: 'notices_given' },
      ],
    },
    {
      number: '33(1)',
      label: 'The reasons for the delay, since more than 72 hours have passed since awareness',
      only: 'after_72h',
      parts: [{ label: 'Reasons', text: 'late_reasons' }],
    },
  ],
}
