import type { Caller } from './p09-p12-caller.ts'
import { itemOf, makePerson } from './p09-p12-canary.ts'
import type { Canary } from './p09-p12-canary.ts'
import { correct, revealOf, scan } from './p09-p12-flows.ts'
import type { Resident, World } from './p09-p12-flows.ts'
import { inParallel } from './p09-p12-service.ts'

/** Erases people, half by the platform and half by themselves, a third of them while others look at them and change them. */

const AT_ONCE = 8

export type Erasing = {
  failures: string[]
  /** Calls that ran against an erasure. */
  raced: number
  /** Whose `external_ref` was given to a new person while they were being erased. */
  reborn: Set<Resident>
}

export async function eraseAll(world: World, residents: readonly Resident[]): Promise<Erasing> {
  const erasing: Erasing = { failures: [], raced: 0, reborn: new Set() }
  await inParallel(residents, AT_ONCE, async (resident) => {
    const { no } = resident.canary
    if (no % 3 === 0) await eraseUnderFire(world, resident, erasing)
    else await eraseOne(world, resident, erasing)
  })
  return erasing
}

async function eraseOne({ platform }: World, { canary, subject, own }: Resident, { failures }: Erasing) {
  const receipt =
    canary.no % 4 < 2
      ? await platform.must(`/v1/subjects/${subject}`, undefined, { method: 'DELETE' })
      : await own.must('/v1/me/erasure', {})
  if (receipt.tokens_retired < 4 || receipt.grants_revoked < 2)
    failures.push(`a receipt of too little: ${subject}`)
}

/** The same while couriers scan, shops look, reasons are written and values corrected; and a little on. */
async function eraseUnderFire(world: World, resident: Resident, erasing: Erasing): Promise<void> {
  let erased = false
  const fire = attackers(world, resident, erasing).map(async (shoot) => {
    for (let left = 3; left > 0; left -= erased ? 1 : 0) {
      // Whether this call began after the answer to the erasure decides what it may still show.
      const late = erased
      const shown = await shoot()
      if (shown === undefined) return
      erasing.raced++
      if (late && shown) erasing.failures.push(`shown after the erasure: ${resident.subject}`)
    }
  })
  const first = Promise.all(fire)
  try {
    await eraseOne(world, resident, erasing)
  } finally {
    erased = true
    await first
  }
}

/** Makes one call and says whether anything of the person came back or was changed; undefined where no call is left. */
type Attacker = () => Promise<boolean | undefined>

function attackers(world: World, resident: Resident, erasing: Erasing): Attacker[] {
  const { platform, shop, courier } = world
  const { canary, subject, tokens, waybill, orderRef, shipment, own } = resident
  const changes = async () => (await settled(() => correct(platform, canary, subject))) === 'done'
  const parcel = async () => (await scan(courier, waybill)).items[0].status === 'ok'
  const token = async () => {
    const body = revealOf('customer_service', { token: tokens.name, order_ref: orderRef })
    return (await shop.caller.must('/v1/reveal', body)).items[0].status === 'ok'
  }
  const looks = async () => (await own.call('/v1/me')).status === 200
  const all = [parcel, token, looks, changes, moving(courier.caller, shipment, canary)]
  return canary.no % 9 === 0 ? [...all, takingInAgain(world, resident, erasing)] : all
}

/** A stage with a reason, which is a note about the person; moving a parcel is allowed after the erasure too. */
function moving(courier: Caller, shipment: string, { reason }: Canary): Attacker {
  const stages = ['delivered', 'returned'].values()
  return async () => {
    const { value: stage } = stages.next()
    if (stage === undefined) return undefined
    await settled(() => courier.must(`/v1/shipments/${shipment}/stage`, { stage, reason }))
    return false
  }
}

/** Another person's values under the same `external_ref`: an update before the erasure, a new person after it. */
function takingInAgain(
  { platform, shop }: World,
  resident: Resident,
  erasing: Erasing,
): () => Promise<boolean> {
  const { canary } = resident
  const isShops = canary.no % 2 === 0
  erasing.reborn.add(resident)
  return async () => {
    const items = [itemOf({ ...canary, person: makePerson(canary.no) })]
    const body = isShops ? { items } : { items, party: shop.id }
    await settled(() => (isShops ? shop.caller : platform).must('/v1/tokenize', body))
    return false
  }
}

/** A call that may find the person gone. */
async function settled(call: () => Promise<unknown>): Promise<'done' | 'refused'> {
  try {
    await call()
    return 'done'
  } catch (error) {
    if (error instanceof Error && /: (404|409) /.test(error.message)) return 'refused'
    throw error
  }
}
