import { toHex } from '../../../core/bytes.ts'
import { VaultError } from '../../../core/errors.ts'
import type { FieldError } from '../../../core/errors.ts'
import { timedId } from '../../../core/id.ts'
import type { IncidentId, NoticeId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import { expectCaller, record } from '../../audit/record.ts'
import type { EventType } from '../../audit/event.ts'
import type { Change } from '../../changes.ts'
import { FIELDS } from '../../fields/registry.ts'
import type { PlatformCaller } from '../../principals/principal.ts'
import { transact } from '../../transact.ts'
import type { Call, Plan } from '../../transact.ts'
import type { Vault } from '../../vault.ts'
import { requireBounds } from '../bounds.ts'
import { mustFindIncident, notWhenClosed } from '../service.ts'
import { contentsOf, keepContents, mustFindNotice } from './contents.ts'
import { checkMeets, defaultMeets } from './meets.ts'
import { channelsOf, contactField } from './notice.ts'
import type { Notice, NoticeChannel } from './notice.ts'
import type { NoticeAudience } from './templates/items.ts'
import type { Contents, Template, Words } from './words.ts'

export type NewNotice = {
  audience: NoticeAudience
  jurisdiction?: string | undefined
  channel?: NoticeChannel | undefined
  words?: Words | undefined
  /** In the place of words. */
  template?: Template | undefined
  /** Addresses of an authority or of partners, in the channel's own kind. */
  to?: readonly string[] | undefined
  /** Rules whose clocks it meets once it is sent; else what `defaultMeets` can tell. */
  meets?: readonly string[] | undefined
}

/** That nobody of an audience is told, and why: where encryption averts the risk, for one. */
export type Omission = Pick<NewNotice, 'audience' | 'jurisdiction'> & { reason: string }

const SEED_BYTES = 16

/**
 * Drafts a notice: nothing goes out until another credential has approved it.
 * @throws VaultError `not_found`; `state_conflict` of a closed incident, or one whose scope has no bounds;
 *   `channel_not_configured`; `invalid_request` for what does not go together.
 */
export async function draftNotice(
  vault: Vault,
  call: Call<PlatformCaller>,
  incident: IncidentId,
  input: NewNotice,
): Promise<Notice> {
  const { audience, jurisdiction = null, words = {}, template } = input
  const channel = input.channel ?? channelsOf(audience)[0] ?? 'email'
  if (!channelsOf(audience).includes(channel)) {
    throw invalid('/channel', 'channel_not_for_audience', 'This audience is not reached that way.')
  }
  requireChannel(vault, channel)
  const to = addresses(audience, channel, input.to)
  const meets = input.meets && checkMeets({ audience, jurisdiction }, input.meets)
  return insert(
    vault,
    call,
    incident,
    { audience, jurisdiction, channel, state: 'draft' },
    { words, to, ...(template && { template }), ...(meets && { meets }) },
  )
}

/** Writes down that a notice is left out, and the stated reason. */
export async function omitNotice(
  vault: Vault,
  call: Call<PlatformCaller>,
  incident: IncidentId,
  { audience, jurisdiction, reason }: Omission,
): Promise<Notice> {
  const channel = channelsOf(audience)[0] ?? 'email'
  const stated = { audience, jurisdiction: jurisdiction ?? null, channel, state: 'omitted' } as const
  return insert(vault, call, incident, stated, { words: {}, to: [], meets: [], reason })
}

type Stated = Pick<Notice, 'audience' | 'jurisdiction' | 'channel'> & { state: 'draft' | 'omitted' }
type GivenContents = Omit<Contents, 'meets'> & Partial<Pick<Contents, 'meets'>>

async function insert(
  vault: Vault,
  call: Call<PlatformCaller>,
  incidentId: IncidentId,
  stated: Stated,
  given: GivenContents,
): Promise<Notice> {
  const { tenant, credential } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<Notice>> => {
    const now = vault.clock.now()
    const incident = await mustFindIncident(vault, tenant, incidentId)
    if (incident.state === 'closed') throw notWhenClosed()
    if (stated.audience === 'persons') requireBounds(incident)
    const notice: Notice = {
      id: timedId('ntc', vault.random, now),
      incident: incident.id,
      ...stated,
      draftedBy: credential,
      draftedAt: now,
      editedBy: credential,
      approvedBy: null,
      approvedAt: null,
      seed: toHex(vault.random(SEED_BYTES)),
      cursor: 0,
      version: 1,
    }
    const contents: Contents = { ...given, meets: given.meets ?? defaultMeets(stated, incident, now) }
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'notice.insert', notice },
      keepContents(note.primary.key, tenant, notice.id, contents, now),
      said(vault, call.caller, now, notice, stated.state === 'draft' ? 'notice.drafted' : 'notice.omitted'),
    ]
    return { changes, result: notice }
  })
}

/** What is left out stays as it was. @throws VaultError `state_conflict` once it is no draft any more. */
export async function editNotice(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: NoticeId,
  { words, template, to, meets }: Partial<Pick<NewNotice, 'words' | 'template' | 'to' | 'meets'>>,
): Promise<Notice> {
  const { tenant, credential } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<Notice>> => {
    const now = vault.clock.now()
    const was = await mustFindNotice(vault, tenant, id)
    if (was.state !== 'draft') throw new VaultError('state_conflict', 'Only a draft can be changed.')
    const before = await contentsOf(vault, tenant, id)
    // Of words and a template the one that was given last counts.
    const spoken = words ? { words } : template ? { words: {}, template } : before
    const contents: Contents = {
      ...spoken,
      to: to === undefined ? before.to : addresses(was.audience, was.channel, to),
      meets: meets === undefined ? before.meets : checkMeets(was, meets),
    }
    const notice = { ...was, editedBy: credential }
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'notice.put', notice, expectedVersion: was.version },
      keepContents(note.primary.key, tenant, id, contents, now),
      said(vault, call.caller, now, notice, 'notice.edited'),
    ]
    return { changes, result: { ...notice, version: was.version + 1 } }
  })
}

/** The event of a step in a notice's life. */
export function said(
  vault: Vault,
  caller: PlatformCaller,
  now: Instant,
  { id: notice, incident, audience }: Notice,
  type: EventType,
): Change {
  return record(vault, caller, now, { type, incident, notice, code: audience }).append
}

/** @throws VaultError `channel_not_configured` */
export function requireChannel(vault: Vault, channel: NoticeChannel): void {
  if (vault.channels.has(channel)) return
  throw new VaultError('channel_not_configured', `This service is not set up to send by ${channel}.`)
}

/** An authority and partners are named by their addresses; the vault knows where persons are. */
function addresses(
  audience: NoticeAudience,
  channel: NoticeChannel,
  to: readonly string[] = [],
): readonly string[] {
  if (audience === 'persons' || audience === 'public') {
    if (to.length === 0) return []
    throw invalid('/to', 'not_for_audience', 'Only an authority or partners are addressed by hand.')
  }
  const field = contactField(channel) === 'phone' ? 'phone' : 'email'
  const errors: FieldError[] = []
  const parsed = to.map((address, i) => {
    const one = FIELDS[field].parse(address, {})
    if (one.ok) return one.value
    errors.push({ pointer: `/to/${i}`, code: one.errors[0]?.code ?? 'invalid' })
    return address
  })
  if (errors.length > 0) {
    throw new VaultError('invalid_request', 'Some addresses cannot be taken.', { errors })
  }
  return [...new Set(parsed)]
}

function invalid(pointer: string, code: string, message: string): VaultError {
  return new VaultError('invalid_request', message, { errors: [{ pointer, code }] })
}
