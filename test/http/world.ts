import { openHarness } from './harness.ts'
import type { Answered, Harness } from './harness.ts'

export const PERSON = {
  name: '王小明',
  phone: '+8613812345678',
  email: 'xm.wang@example.com',
  address: {
    country: 'CN',
    province: '广东省',
    city: '深圳市',
    district: '南山区',
    line1: '科技园路1号2栋303室',
    postcode: '518000',
  },
} as const

export type Party = { id: string; credential: string }
export type Tokens = { name: string; phone: string; email: string; address: string }
export type Customer = { subject: string; tokens: Tokens }

/** A platform with two shops and two couriers, all active. */
export type World = Harness & {
  platform: string
  shop: Party
  otherShop: Party
  courier: Party
  otherCourier: Party
  ok(credential: string, path: string, body?: unknown, method?: string): Promise<Answered>
  addParty(kind: 'merchant' | 'courier', name: string, platform?: string): Promise<Party>
  addCustomer(ref: string, person?: object, shop?: Party): Promise<Customer>
  ship(tokens: Tokens, orderRef: string): Promise<{ id: string; waybill: string; grant: string }>
  move(id: string, ...stages: string[]): Promise<void>
  signIn(subject: string): Promise<string>
}

export const TO_THE_DOOR = ['picked_up', 'in_transit', 'at_station', 'out_for_delivery'] as const

async function mustBeOk(answered: Promise<Answered>, what: string): Promise<Answered> {
  const answer = await answered
  if (answer.status >= 300) throw new Error(`${what}: ${answer.status} ${answer.text}`)
  return answer
}

export async function openWorld(harnessed: Promise<Harness> = openHarness()): Promise<World> {
  const harness = await harnessed
  const platform = await harness.addTenant('default')
  const ok: World['ok'] = (credential, path, body, method) =>
    mustBeOk(harness.call(credential, path, { body, ...(method && { method }) }), path)

  const addParty: World['addParty'] = async (kind, name, by = platform) => {
    const { id } = (await ok(by, '/v1/parties', { kind, name })).body
    await ok(by, `/v1/parties/${id}/status`, { status: 'active', reason: 'checked' })
    const { secret } = (await ok(by, `/v1/parties/${id}/credentials`, { label: 'first' })).body
    return { id, credential: secret }
  }
  const shop = await addParty('merchant', 'First Shop')
  const courier = await addParty('courier', 'First Courier')
  const world: World = {
    ...harness,
    platform,
    ok,
    addParty,
    shop,
    courier,
    otherShop: await addParty('merchant', 'Second Shop'),
    otherCourier: await addParty('courier', 'Second Courier'),
    async addCustomer(ref, person = PERSON, at = shop) {
      const items = [
        {
          key: 'row-1',
          external_ref: ref,
          locale: 'zh-Hans',
          jurisdiction: 'CN',
          person,
        },
      ]
      const { body } = await ok(platform, '/v1/tokenize', {
        party: at.id,
        items,
      })
      return {
        subject: body.items[0].subject,
        tokens: body.items[0].tokens,
      }
    },
    async ship({ name, phone, address }, orderRef) {
      const recipient = {
        name,
        phone,
        address,
      }
      return (
        await ok(shop.credential, '/v1/shipments', {
          order_ref: orderRef,
          courier: courier.id,
          recipient,
        })
      ).body
    },
    async move(id, ...stages) {
      for (const stage of stages) await ok(courier.credential, `/v1/shipments/${id}/stage`, { stage })
    },
    async signIn(subject) {
      return (await ok(platform, `/v1/subjects/${subject}/sessions`, undefined, 'POST')).body.token
    },
  }
  return world
}
