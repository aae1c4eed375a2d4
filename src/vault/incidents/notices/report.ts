import { VaultError } from '../../../core/errors.ts'
import type { NoticeId, SubjectId } from '../../../core/id.ts'
import { expectCaller, record } from '../../audit/record.ts'
import type { Change } from '../../changes.ts'
import type { PlatformCaller } from '../../principals/principal.ts'
import { transact } from '../../transact.ts'
import type { Call, Plan } from '../../transact.ts'
import type { Vault } from '../../vault.ts'
import { mustFindNotice } from './contents.ts'
import type { Delivery, Notice } from './notice.ts'

/** What became known of a recipient after it was sent to: a bounce that came back by mail, a gateway's receipt. */
export type Reported = {
  of: { subject: SubjectId } | { to: number }
  state: 'delivered' | 'bounced'
}

/** What each report did: `unchanged` where it said so already, `unknown` for nobody of this notice, `not_sent` before it went out. */
export type ReportOutcome = 'noted' | 'unchanged' | 'unknown' | 'not_sent'

/** A notice that was sent to somebody may turn out delivered, and one delivered or sent may turn out bounced. */
function outcomeOf(row: Delivery, state: Reported['state']): ReportOutcome {
  if (row.state === state) return 'unchanged'
  if (row.state === 'sent') return 'noted'
  return row.state === 'delivered' && state === 'bounced' ? 'noted' : 'not_sent'
}

/**
 * Notes what the platform learned of recipients, in the order given; each by itself. @throws VaultError `not_found`, or
 * `invalid_request` where one recipient is named twice.
 */
export async function reportDeliveries(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: NoticeId,
  reports: readonly Reported[],
): Promise<readonly ReportOutcome[]> {
  const { tenant } = call.caller
  return transact(vault, call, async (): Promise<Plan<readonly ReportOutcome[]>> => {
    const at = vault.clock.now()
    const notice = await mustFindNotice(vault, tenant, id)
    const changes: Change[] = []
    const result: ReportOutcome[] = []
    const seen = new Set<number>()
    for (const [i, { of, state }] of reports.entries()) {
      const row = await findRow(vault, call.caller, notice, of)
      if (row && seen.has(row.recipient)) {
        const errors = [{ pointer: `/items/${i}`, code: 'repeated' }]
        throw new VaultError('invalid_request', 'One recipient stands here twice.', { errors })
      }
      if (row) seen.add(row.recipient)
      const outcome = row ? outcomeOf(row, state) : 'unknown'
      result.push(outcome)
      if (!row || outcome !== 'noted') continue
      const delivery: Delivery = { ...row, state, code: 'reported', nextAt: null, at }
      changes.push({ type: 'delivery.settle', notice: id, delivery, from: row.state })
      const about = { incident: notice.incident, notice: id, ...('subject' in of && { subject: of.subject }) }
      const type = state === 'delivered' ? 'notice.delivered' : 'notice.bounced'
      changes.push(record(vault, call.caller, at, { type, ...about, code: 'reported' }).append)
    }
    return { changes: changes.length > 0 ? [expectCaller(call.caller), ...changes] : [], result }
  })
}

/** A person is in the scope of few leaks: each of its notices is looked at. */
const MAX_NOTICES = 1_000

async function findRow(
  vault: Vault,
  { tenant }: PlatformCaller,
  notice: Notice,
  of: Reported['of'],
): Promise<Delivery | undefined> {
  const isPerson = notice.audience === 'persons'
  if ('to' in of) return isPerson ? undefined : vault.store.findDelivery(tenant, notice.id, of.to + 1)
  if (!isPerson) return undefined
  const found = await vault.store.listNoticesTo(tenant, of.subject, MAX_NOTICES)
  return found.find((one) => one.notice.id === notice.id)?.delivery
}
