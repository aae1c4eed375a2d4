import { eraseAll } from './p09-erasing.ts'
import { itemOf, makeCanary } from './p09-p12-canary.ts'
import { Caller } from './p09-p12-caller.ts'
import { everyFlow, makeWorld } from './p09-p12-flows.ts'
import type { Party, Resident, World } from './p09-p12-flows.ts'

/** What ends after a backup was made, and how callers see that it has. */

/** What is there before the backup and is ended after it, one of each kind. */
export type Ending = {
  shops: Caller
  credential: string
  courier: Party
  resident: Resident
  /** Of them tokens are retired, at all parties, by the containment of an incident. */
  exposed: Resident
  /** As `exposed`, before the backup was made, and with new tokens since. */
  renewed: Resident
}

export async function makeEnding(world: World, no: number): Promise<Ending> {
  const { line, platform, shop } = world
  const { id, secret } = await platform.must(`/v1/parties/${shop.id}/credentials`, { label: 'spare' })
  const { courier } = await makeWorld(line, platform.bearer ?? '')
  const resident = await everyFlow(world, makeCanary(no))
  const exposed = await everyFlow(world, makeCanary(no + 1))
  const renewed = await everyFlow(world, makeCanary(no + 2))
  await retireTokens(world, renewed)
  renewed.tokens.phone = await newPhoneToken(world, renewed)
  return { shops: new Caller(line, secret), credential: id, courier, resident, exposed, renewed }
}

/** By the containment of an incident, whose hold is lifted again: what is left is that the tokens are retired. */
async function retireTokens({ platform }: World, { subject }: Resident): Promise<void> {
  const now = new Date().toISOString()
  const leak = { title: 'a list was sold', kind: 'insider', aware_at: now, suspects: { subjects: [subject] } }
  const { id } = await platform.must('/v1/incidents', leak)
  const done = async () => (await platform.must(`/v1/incidents/${id}`)).state === 'contained'
  await platform.must(`/v1/incidents/${id}/contain`, { actions: ['retire_tokens'] })
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 50))
  await platform.must(`/v1/incidents/${id}/release`, { reason: 'over' })
}

async function newPhoneToken({ platform, shop }: World, { canary }: Resident): Promise<string> {
  const said = await platform.must('/v1/tokenize', { party: shop.id, items: [itemOf(canary)] })
  return said.items[0].tokens.phone
}

async function statusOf({ shop }: World, { tokens }: Resident): Promise<unknown> {
  const { items } = await shop.caller.must('/v1/validate', { items: [{ key: 'a', token: tokens.phone }] })
  return items[0].status
}

type Ends = { world: World; canaries: readonly Resident[]; ending: Ending }

/** After the backup: erasures, half of them by the people themselves and some under fire; and an end of each other kind. */
export async function endThings({ world, canaries, ending }: Ends): Promise<string> {
  const { platform } = world
  const { courier, credential, resident, exposed } = ending
  const erasing = await eraseAll(world, canaries)
  if (erasing.failures.length > 0) throw new Error(erasing.failures[0])
  const { items } = await platform.must(`/v1/grants?subject=${resident.subject}`)
  const live = items.find((grant: { revoked_at: string | null }) => grant.revoked_at === null)
  await platform.must(`/v1/grants/${live.id}/revoke`, { reason: 'over' })
  await resident.own.must('/v1/me/session', undefined, { method: 'DELETE' })
  await platform.must(`/v1/credentials/${credential}`, undefined, { method: 'DELETE' })
  await platform.must(`/v1/parties/${courier.id}/status`, { status: 'suspended', reason: 'over' })
  await retireTokens(world, exposed)
  return live.id
}

/** What callers meet of it after a restore. */
export async function checkEnded(
  { world, ending }: Omit<Ends, 'canaries'>,
  grant: string,
): Promise<string[]> {
  const { shops, courier, resident, exposed, renewed } = ending
  const { items } = await world.platform.must(`/v1/grants?subject=${resident.subject}`)
  const revoked = items.find(({ id }: { id: string }) => id === grant)
  const said: [string, unknown, unknown][] = [
    ['the revoked credential', (await shops.call('/v1/events')).status, 401],
    ['the suspended courier', (await courier.caller.call('/v1/events')).status, 403],
    ['the ended session', (await resident.own.call('/v1/me')).status, 401],
    ['the revoked grant', revoked?.revoked_at !== null, true],
    ['a token that was retired', await statusOf(world, exposed), 'retired'],
    ['a token given out after others were retired', await statusOf(world, renewed), 'live'],
  ]
  return said.flatMap(([what, is, should]) =>
    is === should ? [] : [`${what}: ${String(is)}, not ${String(should)}`],
  )
}
