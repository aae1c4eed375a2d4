import type { EventId, SubjectId, TenantId } from '../../core/id.ts'
import { toRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { parsePerson } from '../fields/registry.ts'
import { systemEvent } from '../incidents/steps.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import { findByTerm } from '../keys/look-up.ts'
import { addNote, readNote } from '../notes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { Person } from '../records/record.ts'
import { indexTerm, openPerson, personKey } from '../records/values.ts'
import { commitPlan, transact } from '../transact.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { findCanary } from './service.ts'

/** What is kept of a mail: who sent it, when, and what it was about, sealed under the canary's own key; of its text the hash. */
export type Mail = {
  to: string
  from: string
  subject: string | undefined
  /** When it was sent, by its own word. */
  sentAt: Instant | undefined
  /** SHA-256 of the whole, hex. */
  sha256: string | undefined
}

type Kept = Omit<Mail, 'to' | 'sentAt'> & { sent_at: string | undefined }

/** 32-bit index entries collide; more canaries than this have no address in common. */
const MAX_CANDIDATES = 100

/** Canaries with this address that are not retired. The mail's own spelling does not matter. */
export async function canariesAt(
  vault: Vault,
  tenant: TenantId,
  address: string,
): Promise<readonly Person[]> {
  const parsed = parsePerson({ email: address })
  if (!parsed.ok || parsed.person.email === undefined) return []
  const keys = await vault.keyring.tenantKeys(tenant)
  const term = indexTerm('email', parsed.person.email)
  const candidates = await findByTerm(vault.store, keys, tenant, {
    field: 'email',
    term,
    limit: MAX_CANDIDATES,
  })
  const canaries = await vault.store.whichCanaries(tenant, candidates)
  const persons = canaries.length > 0 ? await vault.store.findPersons(tenant, canaries) : []
  return persons.filter((person) => hasAddress(keys, tenant, person, term))
}

function hasAddress(keys: TenantKeys, tenant: TenantId, person: Person, term: string): boolean {
  if (person.subject.state === 'erased') return false
  const email = openPerson(personKey(keys, tenant, person), tenant, person, ['email']).get('email')
  return email !== undefined && indexTerm('email', email) === term
}

/** Of a canary's mail what is written down, in the commit of its event. */
function keep(
  keys: TenantKeys,
  tenant: TenantId,
  person: Person,
  event: EventId,
  mail: Mail,
  now: Instant,
): Change {
  const { from, subject, sha256, sentAt } = mail
  const kept: Kept = { from, subject, sha256, sent_at: sentAt === undefined ? undefined : toRfc3339(sentAt) }
  const about = { tenant, about: event, subject: person.subject.id, text: JSON.stringify(kept) }
  return addNote(personKey(keys, tenant, person), about, now)
}

/** Takes in a mail that the platform's own mail server got. @returns how many canaries have that address. */
export async function takeMail(
  vault: Vault,
  call: Call<PlatformCaller>,
  mail: Mail,
): Promise<{ canaries: number }> {
  const { caller } = call
  const { tenant } = caller
  return transact(vault, call, async () => {
    const [persons, keys] = await Promise.all([
      canariesAt(vault, tenant, mail.to),
      vault.keyring.tenantKeys(tenant),
    ])
    const now = vault.clock.now()
    const said = persons.flatMap((person): Change[] => {
      const { event, append } = record(vault, caller, now, {
        type: 'canary.mailed',
        subject: person.subject.id,
      })
      return [append, keep(keys, tenant, person, event.id, mail, now)]
    })
    return {
      changes: said.length > 0 ? [expectCaller(caller), ...said] : [],
      result: { canaries: persons.length },
    }
  })
}

/** Takes in a mail that came to the listener, for whichever tenants' canaries it is. */
export async function takeDelivered(vault: Vault, tenant: TenantId, mail: Mail): Promise<void> {
  const persons = await canariesAt(vault, tenant, mail.to)
  if (persons.length === 0) return
  const keys = await vault.keyring.tenantKeys(tenant)
  const now = vault.clock.now()
  const said = persons.flatMap((person): Change[] => {
    const { id, append } = systemEvent(vault, tenant, now, {
      type: 'canary.mailed',
      subject: person.subject.id,
    })
    return [append, keep(keys, tenant, person, id, mail, now)]
  })
  await vault.store.commit(tenant, said)
}

export type KeptMail = {
  event: EventId
  at: Instant
  from: string
  subject?: string
  sha256?: string
  sentAt?: string
}

/** What came to a canary's address. To read it is written down too. */
export async function readMail(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: SubjectId,
): Promise<readonly KeptMail[]> {
  const { caller } = call
  const { tenant } = caller
  await findCanary(vault, caller, id)
  const person = await vault.store.findPerson(tenant, id)
  if (!person?.dataKey) return []
  const key = personKey(await vault.keyring.tenantKeys(tenant), tenant, person)
  const notes = (await vault.store.listNotes(tenant, id)).filter(({ about }) => about.startsWith('evt_'))
  await commitPlan(vault, call, async () => {
    const counts = { mails: notes.length }
    const details = { type: 'canary.mail_read', subject: id, counts } as const
    const { append } = record(vault, caller, vault.clock.now(), details)
    return { changes: [expectCaller(caller), append], result: undefined }
  })
  return notes.map(({ about, sealed, at }) => {
    const { sent_at: sentAt, ...kept } = JSON.parse(readNote(key, tenant, about, sealed)) as Kept
    return {
      event: about as EventId,
      at,
      from: kept.from,
      ...(kept.subject !== undefined && { subject: kept.subject }),
      ...(kept.sha256 !== undefined && { sha256: kept.sha256 }),
      ...(sentAt !== undefined && { sentAt }),
    }
  })
}
