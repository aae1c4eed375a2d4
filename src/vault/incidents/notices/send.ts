import { isVaultError } from '../../../core/errors.ts'
import type { SubjectId, TenantId } from '../../../core/id.ts'
import { secret } from '../../../core/secret.ts'
import { MINUTE_MS, after } from '../../../core/time.ts'
import type { EventType } from '../../audit/event.ts'
import type { Change } from '../../changes.ts'
import type { FieldName } from '../../fields/registry.ts'
import type { FieldViews } from '../../grants/grant.ts'
import type { Person } from '../../records/record.ts'
import { openPerson, personKey } from '../../records/values.ts'
import type { PersonFacts } from '../../store.ts'
import type { Vault } from '../../vault.ts'
import { systemEvent } from '../steps.ts'
import type { Channel, Outcome, Parcel } from './channel.ts'
import type { Addressee, Render } from './message.ts'
import { contactField, messageId } from './notice.ts'
import type { Delivery, DeliveryState, Notice } from './notice.ts'
import { GIVE_UP_AFTER_MS, nextAttempt, pauseUntil } from './retry.ts'

/** One notice that is being sent: what its attempts have in common. */
export type Sending = {
  vault: Vault
  tenant: TenantId
  notice: Notice
  channel: Channel
  render: Render
  asksForName: boolean
  /** Addresses of an authority or partners. */
  to: readonly string[]
}

/**
 * For longer than an attempt can take: until then nobody else begins one, and after a kill one begins then. So a kill costs a
 * second message only where it fell between the other side's yes and our note of it.
 */
const LEASE_MS = 5 * MINUTE_MS

/** Whom it is for, found and not opened. */
type Found = { facts: PersonFacts; person: Person; fields: readonly FieldName[] }

/**
 * One attempt with one recipient. That its contact is opened is durable before it is; how it went is noted after the other side's
 * answer. Where something moved in between, a later round looks again.
 */
export async function attempt(sending: Sending, row: Delivery): Promise<void> {
  try {
    if (sending.notice.audience === 'persons') return await attemptPerson(sending, row)
    const address = sending.to[row.recipient - 1]
    if (address === undefined) return await settle(sending, row, null, { state: 'no_contact' })
    await claim(sending, row, [])
    const addressee = { subject: null, jurisdiction: sending.notice.jurisdiction, language: null, name: '' }
    await hand(sending, row, addressee, address)
  } catch (error) {
    if (!isVaultError(error, 'conflict')) throw error
  }
}

async function attemptPerson(sending: Sending, row: Delivery): Promise<void> {
  const { vault, tenant, notice } = sending
  const found = await findPerson(sending, row)
  if (typeof found === 'string') return settle(sending, row, await subjectOf(sending, row), { state: found })
  const { facts, person, fields } = found
  const { id: subject, version } = person.subject
  const key = personKey(await vault.keyring.tenantKeys(tenant), tenant, person)
  const now = vault.clock.now()
  const views: FieldViews = Object.fromEntries(fields.map((field) => [field, 'full']))
  const opened = {
    type: 'notice.contact_opened',
    decision: 'allowed',
    purpose: 'breach_notice',
    incident: notice.incident,
    notice: notice.id,
    code: notice.channel,
    subject,
    fields: views,
  } as const
  await claim(sending, row, [
    { type: 'expect.subject', id: subject, version },
    ...(fields.length > 0 ? [systemEvent(vault, tenant, now, opened).append] : []),
  ])
  const values = openPerson(key, tenant, person, fields)
  const { jurisdiction, locale: language } = facts
  const contact = contactField(notice.channel)
  const name = values.get('name') ?? ''
  const named = contact !== null && typeof name === 'string' ? { name } : {}
  const addressee = { subject, jurisdiction, language, ...named }
  const to = contact && values.get(contact)
  await hand(sending, row, addressee, typeof to === 'string' ? to : null)
}

async function findPerson(
  { vault, tenant, notice, asksForName }: Sending,
  { recipient }: Delivery,
): Promise<Found | 'erased' | 'no_contact'> {
  const [facts] = await vault.store.listPersonFacts(tenant, recipient, recipient)
  const person = facts && (await vault.store.findPerson(tenant, facts.subject))
  if (!facts || !person || person.subject.state === 'erased') return 'erased'
  const contact = contactField(notice.channel)
  const has = (field: FieldName) => person.fields.some((one) => one.field === field)
  if (contact === null) return { facts, person, fields: [] }
  if (!has(contact)) return 'no_contact'
  const fields = asksForName && has('name') ? [contact, 'name' as const] : [contact]
  return { facts, person, fields }
}

async function subjectOf({ vault, tenant }: Sending, { recipient }: Delivery): Promise<SubjectId | null> {
  const [facts] = await vault.store.listPersonFacts(tenant, recipient, recipient)
  return facts?.subject ?? null
}

async function claim(
  { vault, tenant, notice }: Sending,
  { recipient, attempts }: Delivery,
  more: readonly Change[],
): Promise<void> {
  const at = vault.clock.now()
  const until = after(at, LEASE_MS)
  await vault.store.commit(tenant, [
    { type: 'delivery.claim', notice: notice.id, recipient, attempts, until, at },
    ...more,
  ])
}

/** Gives it to the channel and notes what that came to. */
async function hand(
  sending: Sending,
  row: Delivery,
  addressee: Addressee,
  address: string | null,
): Promise<void> {
  const { vault, tenant, notice, channel, render } = sending
  const parcel: Parcel = {
    id: messageId(notice, row.recipient),
    tenant,
    incident: notice.incident,
    notice: notice.id,
    subject: addressee.subject,
    to: address === null ? null : secret(address),
    message: render(addressee),
    at: vault.clock.now(),
  }
  const outcome = await channel.send(parcel)
  const tried = { ...row, attempts: row.attempts + 1 }
  await settle(sending, tried, addressee.subject, standing(sending, tried, outcome))
}

type Settled = { state: DeliveryState; code?: string; nextAt?: Delivery['nextAt'] }

/** What an outcome means for the row, and for everybody else who waits for the channel. */
function standing(sending: Sending, tried: Delivery, outcome: Outcome): Settled {
  const { channels, clock, random } = sending.vault
  const { channel: name } = sending.notice
  if (outcome.result !== 'down') channels.works(name)
  if (outcome.result === 'sent' || outcome.result === 'delivered') return { state: outcome.result }
  if (outcome.result === 'bounced' || outcome.result === 'failed') {
    return { state: outcome.result, code: outcome.code }
  }
  const now = clock.now()
  const failures = channels.failures(name)
  if (outcome.result === 'down' && channels.pausedUntil(name) <= now) {
    channels.pause(name, pauseUntil(failures, now, random, outcome.afterMs))
  }
  const { code, afterMs } = outcome
  // A channel that is away for everybody costs nobody the notice.
  if (failures === 0 && now - tried.since >= GIVE_UP_AFTER_MS) return { state: 'failed', code }
  return { state: 'queued', code, nextAt: nextAttempt(tried.attempts, now, random, afterMs) }
}

const EVENT_OF: Readonly<Record<Exclude<DeliveryState, 'queued'>, EventType>> = {
  sent: 'notice.sent',
  delivered: 'notice.delivered',
  bounced: 'notice.bounced',
  failed: 'notice.failed',
  no_contact: 'notice.skipped',
  erased: 'notice.skipped',
}

async function settle(
  { vault, tenant, notice }: Sending,
  row: Delivery,
  subject: SubjectId | null,
  { state, code, nextAt = null }: Settled,
): Promise<void> {
  const at = vault.clock.now()
  const delivery: Delivery = { ...row, state, nextAt, code: code ?? null, at }
  const changes: Change[] = [{ type: 'delivery.settle', notice: notice.id, delivery, from: 'queued' }]
  if (state !== 'queued') {
    const word = EVENT_OF[state] === 'notice.skipped' ? state : (code ?? notice.channel)
    const about = { incident: notice.incident, notice: notice.id, ...(subject && { subject }) }
    const details = { type: EVENT_OF[state], ...about, code: word }
    changes.push(systemEvent(vault, tenant, at, details).append)
  }
  await vault.store.commit(tenant, changes)
}
