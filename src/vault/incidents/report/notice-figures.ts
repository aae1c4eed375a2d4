import type { TenantId } from '../../../core/id.ts'
import type { Incident } from '../incident.ts'
import { contentsOf } from '../notices/contents.ts'
import { isFor } from '../notices/notice.ts'
import type { Notice } from '../notices/notice.ts'
import type { Vault } from '../../vault.ts'
import type { NoticeFigures } from './report.ts'

const NOTICES_A_PAGE = 100

/** Where a notice is for everybody in scope. */
const EVERYWHERE = 'everywhere'

const NONE = { queued: 0, sent: 0, delivered: 0, bounced: 0, failed: 0, leftOut: 0 }

/** The incident's notices in numbers, the oldest first: those that were approved, and those that were left out by a stated decision. */
export async function noticeFigures(
  vault: Vault,
  tenant: TenantId,
  incident: Pick<Incident, 'id' | 'counted'>,
): Promise<readonly NoticeFigures[]> {
  const figures: NoticeFigures[] = []
  for (let after: string | null | undefined; after !== null;) {
    const page = { limit: NOTICES_A_PAGE, ...(after && { after }) }
    const { rows, next } = await vault.store.listNotices(tenant, incident.id, page)
    for (const notice of rows) figures.push(...(await figuresOf(vault, tenant, notice, incident.counted)))
    after = next
  }
  return figures.toReversed()
}

async function figuresOf(
  vault: Vault,
  tenant: TenantId,
  notice: Notice,
  counted: Incident['counted'],
): Promise<readonly NoticeFigures[]> {
  const { audience, state, approvedAt, draftedAt } = notice
  const { meets: rules } = await contentsOf(vault, tenant, notice.id)
  const about = { id: notice.id, rules, audience, jurisdiction: notice.jurisdiction ?? EVERYWHERE }
  const unsent = { ...about, ...NONE, firstSentAt: null, lastSentAt: null }
  if (state === 'omitted') return [{ ...unsent, approvedAt: draftedAt, leftOut: leftOut(notice, counted) }]
  if (approvedAt === null) return []
  const [counts, span] = await Promise.all([
    vault.store.countDeliveries(tenant, notice.id),
    vault.store.findSentSpan(tenant, notice.id),
  ])
  const { queued = 0, sent = 0, delivered = 0, bounced = 0, failed = 0, no_contact: unreachable = 0 } = counts
  // Whoever was not written to before it was stopped, or has nothing to be written to at, was not told.
  const stopped = state === 'cancelled' ? queued : 0
  return [
    {
      ...unsent,
      approvedAt,
      firstSentAt: span?.first ?? null,
      lastSentAt: span?.last ?? null,
      queued: queued - stopped,
      sent,
      delivered,
      bounced,
      failed: failed + unreachable + stopped,
    },
  ]
}

/** As many persons as were counted last; 0 where nobody has counted, and of those who are no persons. */
function leftOut({ audience, jurisdiction }: Notice, counted: Incident['counted']): number {
  if (audience !== 'persons') return 0
  const here = Object.entries(counted.persons ?? {}).filter(([code]) =>
    isFor(jurisdiction, code === 'unknown' ? null : code),
  )
  return here.reduce((sum, [, count]) => sum + count, 0)
}
