import type { FieldType } from '../field-type.ts'
import { parsePhone } from './parse.ts'
import { maskPhone, withoutExtension } from './show.ts'

export const phoneField: FieldType<string> = {
  views: ['none', 'masked', 'relay', 'full'],
  maskedView: 'masked',
  parse: parsePhone,
  show(value, view) {
    if (view === 'masked') return maskPhone(value)
    return view === 'full' ? value : undefined
  },
  indexTerm: withoutExtension,
}
