import type { IncidentId } from '../../../core/id.ts'
import type { PlatformCaller } from '../../principals/principal.ts'
import type { Vault } from '../../vault.ts'
import { hasBounds } from '../bounds.ts'
import { countIn } from '../count-persons.ts'
import { readDisclosed } from '../disclosed.ts'
import { viewClocks } from '../list-clocks.ts'
import { scopeOf } from '../scope.ts'
import { mustFindIncident, viewIncident } from '../service.ts'
import { authorityTexts } from './authority-texts.ts'
import { logProofOf } from './log-proof.ts'
import { makeReport } from './make.ts'
import { noticeFigures } from './notice-figures.ts'
import type { FormCode, Report } from './report.ts'

/** The report as of now, from one reading of the log; nothing is written. @throws VaultError `not_found` */
export async function findReport(
  vault: Vault,
  caller: PlatformCaller,
  id: IncidentId,
  form: FormCode | null,
): Promise<Report> {
  const { tenant } = caller
  const found = await mustFindIncident(vault, tenant, id)
  const disclosed = await readDisclosed(vault, tenant, found)
  // An incident without suspects or a window has no scope yet, which the report says and does not fail for.
  const scope = hasBounds(found) ? await scopeOf(vault, caller, found, disclosed) : null
  const counted = await countIn(vault, tenant, found, disclosed)
  const { clocks } = await viewClocks(vault, caller, { ...found, counted })
  const incident = await viewIncident(vault, tenant, found)
  const log = await logProofOf(
    vault,
    tenant,
    incident.steps.map(({ event }) => event),
  )
  const notices = await noticeFigures(vault, tenant, incident)
  const texts = await authorityTexts(vault, tenant, id, form)
  return makeReport({ incident, scope, clocks, log, notices, texts }, form, vault.clock.now())
}
