import { VaultError } from '../../../core/errors.ts'
import type { IncidentId, NoticeId, SubjectId, TenantId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { PersonCaller, PlatformCaller } from '../../principals/principal.ts'
import type { Listed, Page } from '../../store.ts'
import { notFound } from '../../transact.ts'
import type { Vault } from '../../vault.ts'
import { mustFindIncident } from '../service.ts'
import { composition, lacksOf, wordsOf } from './composition.ts'
import type { Lack } from './composition.ts'
import { contentsOf, mustFindNotice } from './contents.ts'
import { couldMeet } from './meets.ts'
import type { Message } from './message.ts'
import type { Delivery, DeliveryState, Notice } from './notice.ts'
import type { Contents, Words } from './words.ts'

/** What became of a recipient: one that was waiting when its notice was cancelled is shown as that. */
export type ShownState = DeliveryState | 'cancelled'

export type NoticeView = Omit<Notice, 'seed' | 'cursor'> & Contents
export type CountedNotice = NoticeView & {
  figures: Partial<Record<ShownState, number>>
  /** Of a draft: what keeps it from being approved. */
  lacks: readonly Lack[]
  /** As it goes out, by language. */
  preview: Words
  /** Of a draft: the rules whose clocks wait for such a notice, as of the last count. */
  couldMeet: readonly string[]
}

async function viewOf(vault: Vault, tenant: TenantId, notice: Notice): Promise<NoticeView> {
  const { seed: _seed, cursor: _cursor, ...rest } = notice
  return { ...rest, ...(await contentsOf(vault, tenant, notice.id)) }
}

export async function findNotice(
  vault: Vault,
  { tenant }: PlatformCaller,
  id: NoticeId,
): Promise<CountedNotice> {
  const notice = await mustFindNotice(vault, tenant, id)
  const { queued = 0, ...counted } = await vault.store.countDeliveries(tenant, id)
  const waiting = queued === 0 ? {} : { [shownAs(notice, 'queued')]: queued }
  const view = await viewOf(vault, tenant, notice)
  const lacks = notice.state === 'draft' ? lacksOf(notice, view) : []
  const preview = wordsOf(notice, view)
  return {
    ...view,
    figures: { ...counted, ...waiting },
    lacks,
    preview,
    couldMeet: await openRules(vault, tenant, notice),
  }
}

async function openRules(vault: Vault, tenant: TenantId, notice: Notice): Promise<readonly string[]> {
  if (notice.state !== 'draft') return []
  const incident = await mustFindIncident(vault, tenant, notice.incident)
  return couldMeet(notice, incident, vault.clock.now())
}

function shownAs({ state }: Notice, of: DeliveryState): ShownState {
  return of === 'queued' && state === 'cancelled' ? 'cancelled' : of
}

export async function listNotices(
  vault: Vault,
  { tenant }: PlatformCaller,
  incident: IncidentId,
  page: Page,
): Promise<Listed<NoticeView>> {
  await mustFindIncident(vault, tenant, incident)
  const { rows, next } = await vault.store.listNotices(tenant, incident, page)
  return { rows: await Promise.all(rows.map((row) => viewOf(vault, tenant, row))), next }
}

/** One recipient; `to` is its place in the notice's own list of addresses, from 0. */
export type ShownDelivery = Omit<Delivery, 'recipient' | 'state'> & {
  subject: SubjectId | null
  to: number | null
  state: ShownState
}

export async function listDeliveries(
  vault: Vault,
  { tenant }: PlatformCaller,
  id: NoticeId,
  page: Page,
): Promise<Listed<ShownDelivery>> {
  const notice = await mustFindNotice(vault, tenant, id)
  const from = page.after === undefined ? 0 : numberFrom(page.after)
  const rows = await vault.store.listDeliveries(tenant, id, from, page.limit + 1)
  const shown = rows.slice(0, page.limit)
  const next = rows.length > page.limit ? String(shown.at(-1)?.recipient ?? 0) : null
  return { rows: await Promise.all(shown.map((row) => showDelivery(vault, tenant, notice, row))), next }
}

async function showDelivery(
  vault: Vault,
  tenant: TenantId,
  notice: Notice,
  { recipient, state, ...row }: Delivery,
): Promise<ShownDelivery> {
  const shown = { ...row, state: shownAs(notice, state) }
  if (notice.audience !== 'persons') return { ...shown, subject: null, to: recipient - 1 }
  const [facts] = await vault.store.listPersonFacts(tenant, recipient, recipient)
  return { ...shown, subject: facts?.subject ?? null, to: null }
}

function numberFrom(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new VaultError('invalid_request', 'The cursor is not one that this list gave out.')
}

/** A notice as the person that it is about reads it. */
export type OwnNotice = {
  id: NoticeId
  incident: IncidentId
  channel: Notice['channel']
  state: DeliveryState
  at: Instant
  message: Message
}

/** A person is in the scope of few leaks. */
const MAX_OWN = 100

/** Every notice that was or is being sent to the person, in its language, over whichever channel. */
export async function listOwnNotices(
  vault: Vault,
  { tenant, subject }: PersonCaller,
): Promise<readonly OwnNotice[]> {
  const found = await vault.store.listNoticesTo(tenant, subject, MAX_OWN)
  const person = await vault.store.findPerson(tenant, subject)
  if (!person || person.subject.state === 'erased') throw notFound('person')
  const { locale: language, jurisdiction } = person.subject
  return Promise.all(
    found
      .filter(({ notice, delivery }) => notice.state !== 'cancelled' || delivery.state !== 'queued')
      .map(async ({ notice, delivery }) => {
        const contents = await contentsOf(vault, tenant, notice.id)
        const message = composition(notice, contents).render({ subject, jurisdiction, language, name: '' })
        const { id, incident, channel } = notice
        return { id, incident, channel, state: delivery.state, at: delivery.at, message }
      }),
  )
}

/** What everybody may read. @throws VaultError `not_found` unless it was published. */
export async function findPublished(
  vault: Vault,
  tenant: TenantId,
  id: NoticeId,
): Promise<{ words: Words; publishedAt: Instant }> {
  const notice = await vault.store.findNotice(tenant, id)
  const isOut = notice?.audience === 'public' && (notice.state === 'sending' || notice.state === 'sent')
  if (!isOut) throw notFound('notice')
  const words = wordsOf(notice, await contentsOf(vault, tenant, id))
  return { words, publishedAt: notice.approvedAt ?? notice.draftedAt }
}
