import { eraseAll } from './p09-erasing.ts'
import { makeCanary } from './p09-p12-canary.ts'
import { Caller } from './p09-p12-caller.ts'
import { everyFlow, makeWorld } from './p09-p12-flows.ts'
import type { Party, Resident, World } from './p09-p12-flows.ts'

/** What ends after a backup was made, and how callers see that it has. */

/** What is there before the backup and is ended after it, one of each kind. */
export type Ending = { shops: Caller; credential: string; courier: Party; resident: Resident }

export async function makeEnding(world: World, no: number): Promise<Ending> {
  const { line, platform, shop } = world
  const { id, secret } = await platform.must(`/v1/parties/${shop.id}/credentials`, { label: 'spare' })
  const { courier } = await makeWorld(line, platform.bearer ?? '')
  const resident = await everyFlow(world, makeCanary(no))
  return { shops: new Caller(line, secret), credential: id, courier, resident }
}

type Ends = { world: World; canaries: readonly Resident[]; ending: Ending }

/** After the backup: erasures, half of them by the people themselves and some under fire; and an end of each other kind. */
export async function endThings({ world, canaries, ending }: Ends): Promise<string> {
  const { platform } = world
  const { courier, credential, resident } = ending
  const erasing = await eraseAll(world, canaries)
  if (erasing.failures.length > 0) throw new Error(erasing.failures[0])
  const { items } = await platform.must(`/v1/grants?subject=${resident.subject}`)
  const live = items.find((grant: { revoked_at: string | null }) => grant.revoked_at === null)
  await platform.must(`/v1/grants/${live.id}/revoke`, { reason: 'over' })
  await resident.own.must('/v1/me/session', undefined, { method: 'DELETE' })
  await platform.must(`/v1/credentials/${credential}`, undefined, { method: 'DELETE' })
  await platform.must(`/v1/parties/${courier.id}/status`, { status: 'suspended', reason: 'over' })
  return live.id
}

/** What callers meet of it after a restore. */
export async function checkEnded(
  { world, ending }: Omit<Ends, 'canaries'>,
  grant: string,
): Promise<string[]> {
  const { shops, courier, resident } = ending
  const { items } = await world.platform.must(`/v1/grants?subject=${resident.subject}`)
  const revoked = items.find(({ id }: { id: string }) => id === grant)
  const said: [string, unknown, unknown][] = [
    ['the revoked credential', (await shops.call('/v1/events')).status, 401],
    ['the suspended courier', (await courier.caller.call('/v1/events')).status, 403],
    ['the ended session', (await resident.own.call('/v1/me')).status, 401],
    ['the revoked grant', revoked?.revoked_at !== null, true],
  ]
  return said.flatMap(([what, is, should]) =>
    is === should ? [] : [`${what}: ${String(is)}, not ${String(should)}`],
  )
}
