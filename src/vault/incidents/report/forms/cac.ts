import type { Form } from './form.ts'
import { zhHans } from './words/zh-hans.ts'

export const cac: Form = {
  code: 'cac',
  title: 'Report of a network security incident to the cyberspace administration',
  original: '网络安全事件报告',
  instrument: 'Measures for reporting network security incidents (国家网络安全事件报告管理办法)',
  words: zhHans,
  mark: 'K',
  note: 'The items and their order are general knowledge, unverified: compare with the authority’s current form. The first report says what is known; the rest follows.',
  items: [
    {
      number: '1',
      label: 'The unit, and the facilities, systems or platforms concerned',
      original: '事件发生单位名称及发生事件的设施、系统、平台的基本情况',
      parts: [
        { label: 'Unit 单位名称', text: 'sender' },
        { label: 'Systems concerned 系统平台', facts: ['seekers'], text: 'place', needsText: true },
      ],
    },
    {
      number: '2',
      label:
        'Time and place of discovery or occurrence, kind and grade, effects and harm so far, measures and their effect',
      original: '事件发现或发生的时间、地点、事件类型、级别，已造成的影响和危害，已采取的措施及效果',
      parts: [
        { label: 'Time 时间', facts: ['window', 'aware'], text: 'when' },
        { label: 'Place 地点', text: 'place' },
        { label: 'Kind 类型', facts: ['what'] },
        { label: 'Grade 级别', facts: ['grade'] },
        {
          label: 'Effects and harm 影响和危害',
          facts: ['persons', 'jurisdictions', 'fields', 'copied'],
          text: 'consequences',
        },
        { label: 'Measures and effect 措施及效果', facts: ['measures'], text: 'measures' },
      ],
    },
    {
      number: '3',
      label: 'How it develops, and what further effects and harm are possible',
      original: '事态发展趋势及可能造成的进一步影响和危害',
      parts: [{ label: 'Further effects 进一步影响', text: 'secondary_damage' }],
    },
    {
      number: '4',
      label: 'First analysis of the cause',
      original: '事件原因初步分析意见',
      parts: [{ label: 'Cause 原因', text: 'cause' }],
    },
    {
      number: '5',
      label: 'Clues for tracing and further investigation: possible attackers, ways of attack, weaknesses',
      original: '溯源调查工作线索，包括可能的攻击者信息、攻击路径、存在的漏洞等',
      parts: [{ label: 'Clues 线索', facts: ['seekers'], text: 'perpetrator', needsText: true }],
    },
    {
      number: '6',
      label: 'Measures planned, and what support is asked for',
      original: '拟进一步采取的应对措施及请求支援事项',
      parts: [{ label: 'Planned 拟采取的措施', text: 'prevention' }],
    },
    {
      number: '7',
      label: 'How the scene is preserved',
      original: '事件现场的保护情况',
      parts: [{ label: 'Preserved 现场保护', text: 'chronology' }],
    },
    {
      number: '8',
      label: 'What else ought to be reported',
      original: '其他应当报告的情况',
      parts: [{ label: 'Other 其他', text: 'other' }],
    },
  ],
}
