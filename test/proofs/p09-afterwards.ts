import { itemOf, makePerson } from './p09-p12-canary.ts'
import type { Body } from './p09-p12-caller.ts'
import { again, revealOf, scan } from './p09-p12-flows.ts'
import type { Resident, World } from './p09-p12-flows.ts'
import { inParallel } from './p09-p12-service.ts'

/** What callers meet who knew a person that was erased. */

/** @returns a line for each answer that is not that of somebody who is gone. */
export async function checkGone(world: World, residents: readonly Resident[]): Promise<string[]> {
  const failures: string[] = []
  await inParallel(residents, 8, async (resident) => {
    const wrong = [
      ...(await revealsNothing(world, resident)),
      ...(await tokensAreDead(world, resident)),
      ...(await personIsGone(world, resident)),
      ...(await isNotFound(world, resident)),
      ...(await isNotRepeated(resident)),
    ]
    failures.push(...wrong.map((what) => `person ${resident.canary.no}: ${what}`))
  })
  return failures
}

function unless(held: boolean, what: string): string[] {
  return held ? [] : [what]
}

async function revealsNothing(world: World, { waybill, tokens, orderRef }: Resident): Promise<string[]> {
  const { shop, courier } = world
  const body = revealOf('customer_service', { token: tokens.phone, order_ref: orderRef })
  const items = [
    (await scan(courier, waybill)).items[0],
    (await shop.caller.must('/v1/reveal', body)).items[0],
  ]
  return items.flatMap(({ status, code }) =>
    unless(status === 'denied' && code === 'subject_erased', `a reveal said ${status} ${code}`),
  )
}

async function tokensAreDead({ shop }: World, { tokens }: Resident): Promise<string[]> {
  const items = Object.entries(tokens).map(([key, token]) => ({ key, token }))
  const masked = await shop.caller.must('/v1/mask', { items })
  const validated = await shop.caller.must('/v1/validate', { items })
  const grouped = await shop.caller.must('/v1/group', { items })
  return [
    ...unless(
      masked.items.every((item: Body) => item.code === 'subject_erased'),
      'a masked value was shown',
    ),
    ...unless(
      validated.items.every((item: Body) => item.status === 'retired'),
      'a token is not retired',
    ),
    ...unless(grouped.groups.length === 0, 'tokens were compared'),
  ]
}

async function personIsGone({ platform, shop }: World, { subject, own }: Resident): Promise<string[]> {
  const grants: Body[] = (await platform.must(`/v1/grants?subject=${subject}`)).items
  const until = new Date(Date.now() + 60_000).toISOString()
  const terms = { purpose: 'legal', fields: { phone: 'full' }, basis: 'consent', until }
  const refused = [
    await platform.call(`/v1/subjects/${subject}`, undefined, { method: 'DELETE' }),
    await platform.call(`/v1/subjects/${subject}`, { person: { name: 'x' } }, { method: 'PATCH' }),
    await platform.call(`/v1/subjects/${subject}/sessions`, {}),
    await platform.call('/v1/grants', { subject, party: shop.id, ...terms }),
    await own.call('/v1/me'),
    await own.call('/v1/me/export'),
    await own.call('/v1/me', { person: { name: 'x' } }, { method: 'PATCH' }),
    await own.call('/v1/me/erasure', {}),
  ]
  const isOver = grants.length >= 2 && grants.every((grant) => grant.revoked_at !== null)
  return [
    ...unless(isOver, 'a grant lives'),
    ...refused.flatMap(({ method, path, status }) =>
      unless(
        status === 404 || status === 401,
        `${method} ${path.replace(subject, '{id}')} was answered ${status}`,
      ),
    ),
  ]
}

async function isNotFound({ platform, shop }: World, { canary, orderRef }: Resident): Promise<string[]> {
  const { phone, email } = canary.person
  const last = { phone_last4: phone.slice(-4), order_ref: orderRef }
  const said = [
    await platform.must('/v1/search', { purpose: 'order', phone }),
    await platform.must('/v1/search', { purpose: 'order', email }),
    await shop.caller.must('/v1/search', { purpose: 'order', phone }),
    await shop.caller.must('/v1/search', { purpose: 'order', email }),
    await shop.caller.must('/v1/search', { purpose: 'order', ...last }),
  ]
  return said.flatMap(({ items }) => unless(items.length === 0, 'a search found the person'))
}

/** A repetition under the old `Idempotency-Key` may name what there was, and shows nothing of it. */
async function isNotRepeated({ retries }: Resident): Promise<string[]> {
  const failures: string[] = []
  for (const kept of retries) {
    const { status, text } = await again(kept)
    if (status !== 200 && status !== 201) failures.push(`${kept.path} again was answered ${status}`)
    if (/"value"|"label":\{"/.test(text)) failures.push(`${kept.path} again showed values of the person`)
  }
  return failures
}

/** Somebody else under the same `external_ref`: a new person with new tokens, and nothing of the old one. */
export async function checkReborn(world: World, residents: readonly Resident[]): Promise<string[]> {
  const failures: string[] = []
  const { platform, shop } = world
  await inParallel(residents, 8, async ({ canary, subject, tokens }) => {
    const fresh = { ...canary, person: makePerson(canary.no) }
    const isShops = canary.no % 2 === 0
    const body = { items: [itemOf(fresh)], ...(!isShops && { party: shop.id }) }
    const { items } = await (isShops ? shop.caller : platform).must('/v1/tokenize', body)
    const found = await platform.must('/v1/search', { purpose: 'order', phone: fresh.person.phone })
    const old = new Set(Object.values(tokens))
    const isNew = items[0].status === 'created' && found.items[0].subject !== subject
    const hasOld = Object.values(items[0].tokens as Record<string, string>).some((token) => old.has(token))
    if (!isNew || hasOld) failures.push(`person ${canary.no}: the same reference brought back the old person`)
  })
  return failures
}
