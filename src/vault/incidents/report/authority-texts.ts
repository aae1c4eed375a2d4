import type { IncidentId, TenantId } from '../../../core/id.ts'
import { contentsOf } from '../notices/contents.ts'
import { isFor } from '../notices/notice.ts'
import type { Notice } from '../notices/notice.ts'
import type { NoticeValues } from '../notices/templates/draft.ts'
import type { NoticeLanguage } from '../notices/templates/language.ts'
import type { Vault } from '../../vault.ts'
import type { FormCode } from './report.ts'

/** A form is filled in with what was written in its own language, as far as templates have it. */
const LANGUAGE_OF: Readonly<Record<FormCode, NoticeLanguage>> = {
  'gdpr-33': 'en',
  cac: 'zh-Hans',
  pipc: 'en',
}

/** Whose law a form is made by: what was written to that authority answers it best. */
const LAW_OF: Readonly<Record<FormCode, string>> = { 'gdpr-33': 'EU', cac: 'CN', pipc: 'KR' }

/** Of the newest: an incident has few. */
const NOTICES = 100

/**
 * What officers wrote for the form's own authority last, item by item; else for any other. Nothing where no notice to one was filled
 * into a template.
 */
export async function authorityTexts(
  vault: Vault,
  tenant: TenantId,
  incident: IncidentId,
  form: FormCode | null,
): Promise<NoticeValues> {
  if (form === null) return {}
  const { rows } = await vault.store.listNotices(tenant, incident, { limit: NOTICES })
  const given = rows.filter(
    ({ audience, state }) => audience === 'authority' && state !== 'cancelled' && state !== 'omitted',
  )
  const law = LAW_OF[form]
  const isOwn = ({ jurisdiction }: Notice) =>
    jurisdiction !== null && (jurisdiction === law || isFor(law, jurisdiction))
  for (const { id } of [...given.filter(isOwn), ...given]) {
    const { template } = await contentsOf(vault, tenant, id)
    if (template) return template.values[LANGUAGE_OF[form]] ?? Object.values(template.values)[0] ?? {}
  }
  return {}
}
