/** Made-up persons and parcels over the real interface. */

export type World = { platform: Caller; merchant: Party; courier: Party }
export type Party = Caller & { id: string }
export type Caller = { url: string; key: string }

type Tokens = { name: string; phone: string; address: string }

export async function post<T>(caller: Caller, path: string, body: unknown): Promise<T> {
  const response = await fetch(caller.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return JSON.parse(text) as T
}

export async function makeWorld(url: string, key: string): Promise<World> {
  const platform = { url, key }
  const party = async (kind: string): Promise<Party> => {
    const { id } = await post<{ id: string }>(platform, '/v1/parties', { kind, name: `bench ${kind}` })
    await post(platform, `/v1/parties/${id}/status`, { status: 'active', reason: 'bench' })
    const { secret } = await post<{ secret: string }>(platform, `/v1/parties/${id}/credentials`, {
      label: 'bench',
    })
    return { url, id, key: secret }
  }
  return { platform, merchant: await party('merchant'), courier: await party('courier') }
}

/** The nth person: everything about it follows from n. */
function person(n: number) {
  const tail = String(n % 100_000_000).padStart(8, '0')
  return {
    key: `k${n}`,
    external_ref: `u-${n}`,
    locale: 'zh-Hans',
    jurisdiction: 'CN',
    person: {
      name: `王${String.fromCodePoint(0x4e00 + (n % 20_000))}`,
      phone: `+86138${tail}`,
      email: `person${n}@example.com`,
      address: {
        country: 'CN',
        province: '浙江省',
        city: '杭州市',
        district: '西湖区',
        line1: `文三路${n % 999}号${n % 30}栋${n % 40}单元${n % 3000}室`,
        postcode: '310000',
      },
    },
  }
}

export function tokenizeBody(from: number, count: number): string {
  const items = Array.from({ length: count }, (_, i) => person(from + i))
  return JSON.stringify({ linkability: 'week', items })
}

/** Persons `from` to `from + count`, 500 a call, a few calls at once. @returns the tokens of every `every`th. */
export async function addPersons(
  merchant: Party,
  from: number,
  count: number,
  every: number,
): Promise<Tokens[]> {
  const kept: Tokens[] = []
  const starts = Array.from({ length: Math.ceil(count / 500) }, (_, i) => from + i * 500)
  await inParallel(starts, 4, async (start) => {
    const body = JSON.parse(tokenizeBody(start, Math.min(500, from + count - start))) as object
    const { items } = await post<{ items: { tokens: Tokens }[] }>(merchant, '/v1/tokenize', body)
    items.forEach(({ tokens }, i) => {
      if ((start + i) % every === 0) kept.push(tokens)
    })
  })
  return kept
}

/** One parcel for each recipient, out for delivery. @returns their waybills. */
export async function addParcels(
  { merchant, courier }: World,
  recipients: readonly Tokens[],
): Promise<string[]> {
  const waybills: string[] = []
  await inParallel(recipients, 32, async ({ name, phone, address }) => {
    const body = {
      order_ref: `SO-${waybills.length}`,
      courier: courier.id,
      recipient: { name, phone, address },
    }
    const shipment = await post<{ id: string; waybill: string }>(merchant, '/v1/shipments', body)
    await post(courier, `/v1/shipments/${shipment.id}/stage`, { stage: 'picked_up' })
    await post(courier, `/v1/shipments/${shipment.id}/stage`, { stage: 'out_for_delivery' })
    waybills.push(shipment.waybill)
  })
  return waybills
}

/** The list over and over, until there are as many. */
export function repeated<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: Math.ceil(count / items.length) }, () => items)
    .flat()
    .slice(0, count)
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
