import type { Form } from './form.ts'
import { ko } from './words/ko.ts'

export const pipc: Form = {
  code: 'pipc',
  title: 'Report of a leak of personal information to the Personal Information Protection Commission',
  original: '개인정보 유출등 신고서',
  instrument: 'Personal Information Protection Act (개인정보 보호법), Art. 34',
  words: ko,
  mark: 'K',
  note: 'The items of Art. 34 are from a quoted text; the form’s order and its other items are general knowledge, unverified: compare with the authority’s current form.',
  items: [
    {
      number: '1',
      label: 'Name of the organisation',
      original: '기관명',
      parts: [{ label: 'Organisation 기관명', text: 'sender' }],
    },
    {
      number: '2',
      label: 'Whether the persons were told',
      original: '정보주체에의 통지 여부',
      parts: [{ label: 'Told 통지 여부', facts: ['notices'], text: 'notices_given' }],
    },
    {
      number: '3',
      label: 'Items and extent of the leaked personal information',
      original: '유출등이 된 개인정보의 항목 및 규모',
      parts: [
        { label: 'Items 항목', facts: ['fields'], text: 'data_categories' },
        { label: 'Extent 규모', facts: ['persons', 'jurisdictions', 'copied'], text: 'numbers' },
      ],
    },
    {
      number: '4',
      label: 'When and how it leaked',
      original: '유출등이 된 시점과 그 경위',
      parts: [
        { label: 'When 시점', facts: ['window', 'aware'], text: 'when' },
        { label: 'How 경위', facts: ['what'], text: 'cause' },
      ],
    },
    {
      number: '5',
      label: 'Measures to keep harm small, and their results',
      original: '유출등 피해 최소화 대책·조치 및 결과',
      parts: [{ label: 'Measures 대책·조치', facts: ['measures'], text: 'measures' }],
    },
    {
      number: '6',
      label: 'What persons can do to keep harm small, and how they get remedy',
      original: '정보주체가 할 수 있는 피해 최소화 방법 및 구제절차',
      parts: [
        { label: 'What persons can do 최소화 방법', text: 'self_help' },
        { label: 'Remedy 구제절차', text: 'remedy' },
      ],
    },
    {
      number: '7',
      label: 'Department and persons in charge, with contact details',
      original: '담당부서·담당자 및 연락처',
      parts: [{ label: 'Contact 연락처', text: 'contact' }],
    },
  ],
}
