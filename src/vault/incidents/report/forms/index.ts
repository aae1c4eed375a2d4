import type { FormCode } from '../report.ts'
import { cac } from './cac.ts'
import type { Form } from './form.ts'
import { gdpr33 } from './gdpr-33.ts'
import { pipc } from './pipc.ts'

export const FORMS: Readonly<Record<FormCode, Form>> = { 'gdpr-33': gdpr33, cac, pipc }
