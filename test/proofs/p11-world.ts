import { HOUR_MS } from '../../src/core/time.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { setQuotaPerDay } from '../../src/vault/principals/tenants.ts'
import { parseTenantId } from '../../src/core/id.ts'
import { openHarness } from '../http/harness.ts'
import type { Harness } from '../http/harness.ts'
import { notActive, partyCaller, personOf, platformOf, stranger, strangers } from './p11-callers.ts'
import type { Caller } from './p11-callers.ts'
import type { Estate, Party, Tenant } from './p11-estates.ts'
import { Knowledge } from './p11-knowledge.ts'
import { Maker } from './p11-maker.ts'
import type { Place } from './p11-rule.ts'

/** Two tenants, and in them everybody who could want what is another's. */
export type World = {
  harness: Harness
  maker: Maker
  knowledge: Knowledge
  tenants: readonly Tenant[]
  estates: readonly Estate[]
  /** Owners before their rivals, so that a rival's Idempotency-Key is one that its owner has used. */
  callers: readonly Caller[]
}

const NO_QUOTA = 1_000_000

export async function openWorld(): Promise<World> {
  const harness = await openHarness()
  const maker = new Maker(harness)
  const [here, there] = [await maker.tenant('default'), await maker.tenant('elsewhere')]
  const shops = { one: await maker.party('merchant', here), two: await maker.party('merchant', here) }
  const couriers = { one: await maker.party('courier', here), two: await maker.party('courier', here) }
  const away = { shop: await maker.party('merchant', there), courier: await maker.party('courier', there) }
  const at = (label: string, merchant: Party, courier: Party, erased = false) =>
    maker.estate({ label, tenant: merchant.tenant, merchant, courier, broughtBy: 'merchant', erased })

  const first = await at("the first shop's", shops.one, couriers.one)
  const expired = first.session.token
  harness.pass(2 * HOUR_MS)
  first.session = await maker.signIn(here, first.subject)
  const shared = { tenant: here, broughtBy: 'platform', erased: false } as const
  const atOne = {
    ...shared,
    label: "a shared person's at the first shop",
    merchant: shops.one,
    courier: couriers.one,
  }
  const sharedAtOne = await maker.estate(atOne)
  const atTwo = {
    ...shared,
    label: "a shared person's at the rival shop",
    merchant: shops.two,
    courier: couriers.two,
  }
  const estates = [
    first,
    await at("the rivals'", shops.two, couriers.two),
    await at("another tenant's", away.shop, away.courier),
    await at("the first shop's by the rival courier", shops.one, couriers.two),
    sharedAtOne,
    await maker.estate({ ...atTwo, sharedWith: sharedAtOne }),
    await at("an erased person's", shops.one, couriers.one, true),
    await at("an erased person's of another tenant", away.shop, away.courier, true),
  ]
  await setQuotaPerDay(harness.vault, parseTenantId(here.id)!, NO_QUOTA)
  await setQuotaPerDay(harness.vault, parseTenantId(there.id)!, NO_QUOTA)
  const dead = await deadCallers(maker, first, expired, there)
  const callers = [...liveCallers(estates), ...dead, ...strangers(first, there)]
  await integrateLogs(harness.vault)
  const knowledge = new Knowledge(harness.store, [here.id, there.id])
  return { harness, maker, knowledge, tenants: [here, there], estates, callers }
}

function liveCallers(estates: readonly Estate[]): Caller[] {
  const [first, rival, other, , shared, , erased] = estates as Estate[]
  return [
    platformOf('platform', first!.tenant, first!),
    partyCaller('shop', first!.merchant, first!),
    partyCaller('courier', first!.courier, first!),
    personOf('person', first!),
    partyCaller('rival shop', rival!.merchant, rival!),
    partyCaller('rival courier', rival!.courier, rival!),
    personOf('another person', rival!),
    personOf('person known to two shops', shared!),
    personOf('erased person', erased!),
    platformOf("another tenant's platform", other!.tenant, other!),
    partyCaller("another tenant's shop", other!.merchant, other!),
    partyCaller("another tenant's courier", other!.courier, other!),
    personOf("another tenant's person", other!),
  ]
}

/** Those who were somebody, or are not yet: each owns things, and reaches none of them. */
async function deadCallers(maker: Maker, first: Estate, expired: string, other: Tenant): Promise<Caller[]> {
  const { tenant } = first
  const shop = await maker.party('merchant', tenant)
  const courier = await maker.party('courier', tenant)
  const plan = { tenant, merchant: shop, courier, broughtBy: 'merchant', erased: false } as const
  const theirs = await maker.estate({ ...plan, label: "the suspended parties'" })
  const ended = await maker.signIn(tenant, first.subject)
  const gone = await maker.party('courier', tenant)
  const revoked = await maker.ok(tenant.platform, `/v1/parties/${first.merchant.id}/credentials`, {
    label: 'second',
  })
  await maker.ok(tenant.platform, `/v1/credentials/${revoked.id}`, undefined, 'DELETE')
  await maker.ok(tenant.platform, `/v1/sessions/${ended.id}`, undefined, 'DELETE')
  await maker.setStatus(shop, 'suspended')
  await maker.setStatus(courier, 'suspended')
  await maker.setStatus(gone, 'terminated')
  return [
    notActive('suspended shop', shop, theirs),
    notActive('suspended courier', courier, theirs),
    notActive('terminated courier', gone, theirs),
    notActive('pending shop', await maker.party('merchant', tenant, 'pending'), first),
    notActive("another tenant's pending shop", await maker.party('merchant', other, 'pending'), first),
    stranger('revoked credential', first, revoked.secret, tenant.id),
    stranger('ended session', first, ended.token),
    stranger('expired session', first, expired),
  ]
}

/** The same situation with a target that nobody else looks at, for a call that will change it. */
export async function afresh({ maker }: World, { target, caller }: Place): Promise<Place> {
  const { label, tenant, broughtBy, erased } = target
  const byPlatform = caller.kind === 'platform'
  const merchant = byPlatform ? await maker.party('merchant', tenant) : target.merchant
  const courier = byPlatform ? await maker.party('courier', tenant) : target.courier
  const made = await maker.estate({ label, tenant, merchant, courier, broughtBy, erased })
  const who = caller.kind === 'person' ? personOf(caller.label, made) : caller
  return { target: made, home: made, caller: who }
}
