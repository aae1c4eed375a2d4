import { VaultError } from '../../core/errors.ts'
import type { Purpose } from '../../core/purpose.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller } from '../audit/record.ts'
import { noteTouches } from '../canaries/note-touches.ts'
import type { SuspectId } from '../incidents/incident.ts'
import type { PartyCaller } from '../principals/principal.ts'
import { readQuota } from '../quota/quota.ts'
import type { Quota } from '../quota/quota.ts'
import { idsOfRefs } from '../refs.ts'
import { transactAnew } from '../transact.ts'
import type { Call, MemoPlan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { Ledger } from './ledger.ts'
import { readPaid } from './payment.ts'
import { prepare } from './prepare.ts'
import type { Prepared, RevealItem, RevealRefs, RevealSetting } from './prepare.ts'
import { Writer } from './writer.ts'
import type { FirstAnswer, Noted, RevealedItem } from './writer.ts'

export type RevealInput = {
  purpose: Purpose
  operator: { id: string; device?: string }
  items: readonly RevealItem[]
}

export type RevealResult = { items: readonly RevealedItem[]; quota: Quota & { cost: number } }

/**
 * The one way to plaintext for shops and couriers. Each item is judged by itself; what is decided, what it costs and the
 * events that say so are one commit, and nothing is answered before that commit is durable.
 */
export async function reveal(
  vault: Vault,
  call: Call<PartyCaller>,
  input: RevealInput,
): Promise<RevealResult> {
  const keys = await vault.keyring.tenantKeys(call.caller.tenant)
  return transactAnew<RevealResult, Noted>(vault, call, async (noted) => {
    const now = vault.clock.now()
    const first = new Map(noted)
    const refs = await readRefs(vault, call.caller, input, now)
    const setting: RevealSetting = {
      vault,
      caller: call.caller,
      purpose: input.purpose,
      now,
      looking: lookingAs(call.caller, refs),
      orders: refs.orders,
      noted: new Set([...first].filter(([, { code }]) => code === undefined).map(([key]) => key)),
    }
    const { unique, repeated } = splitRepeated(input.items)
    const [judged, quota] = await Promise.all([
      prepare(setting, unique),
      readQuota(vault, call.caller.tenant, call.caller.party.id, now),
    ])
    const prepared = judged.map((one) => asBefore(one, first.get(one.item.key)))
    const ledger = new Ledger(setting, quota, await readPaid(setting, prepared))
    const writer = new Writer(setting, keys, refs, first)
    const answered = new Map(prepared.map((one) => [one.item.key, writer.write(ledger.settle(one))]))
    const items = input.items.map(({ key }, i): RevealedItem => {
      const answer = repeated.has(i) ? undefined : answered.get(key)
      return answer ?? { key, status: 'error', code: 'key_repeated' }
    })
    const changes = [
      expectCaller(call.caller),
      ...refs.changes,
      ...ledger.changes(),
      ...writer.unheld,
      ...writer.changes,
      ...(await noteTouches(vault, call.caller.tenant, 'reveal', writer.unnamed)),
    ]
    return { changes, result: { items, quota: ledger.after() }, memo: writer.memo } satisfies MemoPlan<
      RevealResult,
      Noted
    >
  })
}

/** Any of these may be held. */
function lookingAs(
  { credential, party }: PartyCaller,
  { operator, device }: RevealRefs,
): readonly SuspectId[] {
  return [credential, party.id, operator, ...(device ? [device] : [])]
}

/** A no stays the answer under its key; only a yes is decided anew, so that a revocation in between wins. */
function asBefore(one: Prepared, first: FirstAnswer | undefined): Prepared {
  if (first?.code === undefined) return one
  const { grant } = one.decision
  return { ...one, decision: { allowed: false, code: first.code, ...(grant && { grant }) } }
}

async function readRefs(
  vault: Vault,
  caller: PartyCaller,
  input: RevealInput,
  now: Instant,
): Promise<RevealRefs> {
  const from = {
    store: vault.store,
    random: vault.random,
    tenant: caller.tenant,
    party: caller.party.id,
    now,
  }
  const { id, device } = input.operator
  const orderRefs = input.items.flatMap((item) => ('token' in item ? (item.orderRef ?? []) : []))
  const [operators, devices, orders] = await Promise.all([
    idsOfRefs(from, 'operator', [id]),
    idsOfRefs(from, 'device', device === undefined ? [] : [device]),
    idsOfRefs(from, 'order', orderRefs),
  ])
  const operator = operators.ids.get(id)
  if (!operator) throw new VaultError('operator_required', 'Say who looks: operator.id.')
  const changes = [...operators.changes, ...devices.changes, ...orders.changes]
  return {
    operator,
    device: device === undefined ? undefined : devices.ids.get(device),
    orders: orders.ids,
    changes,
  }
}

function splitRepeated(items: readonly RevealItem[]): {
  unique: readonly RevealItem[]
  repeated: ReadonlySet<number>
} {
  const seen = new Set<string>()
  const repeated = new Set<number>()
  items.forEach(({ key }, i) => (seen.has(key) ? repeated.add(i) : seen.add(key)))
  return { unique: items.filter((_, i) => !repeated.has(i)), repeated }
}
