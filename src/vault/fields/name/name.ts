import type { FieldType } from '../field-type.ts'
import { foldText } from '../text.ts'
import { parseName } from './parse.ts'
import { maskName, showSurname } from './show.ts'

export const nameField: FieldType<string> = {
  views: ['none', 'masked', 'surname', 'full'],
  maskedView: 'masked',
  parse: parseName,
  show(value, view, context = {}) {
    if (view === 'masked') return maskName(value, context)
    if (view === 'surname') return showSurname(value, context)
    return view === 'full' ? value : undefined
  },
  indexTerm: foldText,
}
