import type { MerchantId, SubjectId } from '../../core/id.ts'
import { toRfc3339 } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { planErasure } from '../records/erase.ts'
import type { Listed, Page } from '../store.ts'
import { notFound, transact } from '../transact.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { Canary } from './canary.ts'

export async function listCanaries(
  vault: Vault,
  { tenant }: PlatformCaller,
  filter: { party?: MerchantId | undefined },
  page: Page,
): Promise<Listed<Canary>> {
  return vault.store.listCanaries(tenant, filter, page)
}

export async function findCanary(vault: Vault, { tenant }: PlatformCaller, id: SubjectId): Promise<Canary> {
  const canary = await vault.store.findCanary(tenant, id)
  if (!canary) throw notFound('canary')
  return canary
}

export type Retired = { retiredAt: string }

/**
 * Ends a canary: nothing that touches it raises anything any more, and it is erased as anybody is who leaves. That it was one stays known,
 * so that it is never taken for a person to be told of a leak.
 */
export async function retireCanary(
  vault: Vault,
  call: Call<PlatformCaller>,
  subject: SubjectId,
): Promise<Retired> {
  const { caller } = call
  const { tenant } = caller
  return transact(vault, call, async () => {
    const canary = await vault.store.findCanary(tenant, subject)
    if (!canary || canary.retiredAt !== null) throw notFound('canary')
    const person = await vault.store.findPerson(tenant, subject)
    const erasure =
      person && person.subject.state !== 'erased' ? await planErasure(vault, caller, subject) : undefined
    const at = vault.clock.now()
    const { append } = record(vault, caller, at, { type: 'canary.retired', subject })
    const changes = [
      expectCaller(caller),
      ...(erasure?.changes ?? []),
      { type: 'canary.retire', subject, at } as const,
      append,
    ]
    return { changes, result: { retiredAt: toRfc3339(at) } }
  })
}
