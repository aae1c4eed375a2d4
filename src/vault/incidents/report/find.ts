import { isVaultError } from '../../../core/errors.ts'
import type { IncidentId } from '../../../core/id.ts'
import type { PlatformCaller } from '../../principals/principal.ts'
import type { Vault } from '../../vault.ts'
import { listClocks } from '../list-clocks.ts'
import { findScope } from '../scope.ts'
import type { Scope } from '../scope.ts'
import { findIncident } from '../service.ts'
import { authorityTexts } from './authority-texts.ts'
import { logProofOf } from './log-proof.ts'
import { makeReport } from './make.ts'
import { noticeFigures } from './notice-figures.ts'
import type { FormCode, Report } from './report.ts'

/** The report as of now; nothing is written. @throws VaultError `not_found` */
export async function findReport(
  vault: Vault,
  caller: PlatformCaller,
  id: IncidentId,
  form: FormCode | null,
): Promise<Report> {
  const incident = await findIncident(vault, caller, id)
  const scope = await scopeOrNull(vault, caller, id)
  const { clocks } = await listClocks(vault, caller, id)
  const log = await logProofOf(
    vault,
    caller.tenant,
    incident.steps.map(({ event }) => event),
  )
  const notices = await noticeFigures(vault, caller.tenant, incident)
  const texts = await authorityTexts(vault, caller.tenant, id, form)
  return makeReport({ incident, scope, clocks, log, notices, texts }, form, vault.clock.now())
}

/** An incident without suspects or a window has no scope yet, which the report says and does not fail for. */
async function scopeOrNull(vault: Vault, caller: PlatformCaller, id: IncidentId): Promise<Scope | null> {
  try {
    return await findScope(vault, caller, id)
  } catch (error) {
    if (isVaultError(error, 'state_conflict')) return null
    throw error
  }
}
