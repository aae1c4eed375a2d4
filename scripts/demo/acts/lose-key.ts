import { memberAt } from '../client.ts'
import { scan, verdictOf } from '../scan.ts'
import type { Cast, Parcel, World } from '../world.ts'
import { issueCredential } from './onboard.ts'

export async function loseKey(world: World, cast: Cast, parcel: Parcel): Promise<void> {
  const { tell } = world
  tell.step(
    'A lost key',
    'A depot of the courier has a credential of its own. It is lost, and the platform revokes it.',
  )
  const depot = await issueCredential(world, cast.platform, cast.courier.id, 'depot')
  const before = await scan(depot.client, parcel.waybill)
  tell.holds('Until then the depot can scan.', verdictOf(before), [200, 'ok', undefined])
  const revoked = await cast.platform.delete(`/v1/credentials/${depot.id}`)
  tell.answered('It is revoked.', revoked, 204)
  const after = await scan(depot.client, parcel.waybill)
  tell.exchange(after)
  tell.holds(
    'The next request with it is nobody’s.',
    [after.status, after.at('code')],
    [401, 'unauthenticated'],
  )
  const others = await scan(cast.courier.client, parcel.waybill)
  tell.holds('The courier’s other credential works on.', verdictOf(others), [200, 'ok', undefined])
  const events = await cast.platform.list(`/v1/events?party=${cast.courier.id}`)
  const refused = events.filter((event) => memberAt(event, 'type') === 'credential.refused')
  const told = refused.map((event) => [memberAt(event, 'code'), memberAt(event, 'credential')])
  tell.holds('The try with the dead credential is in the log.', told, [['credential_revoked', depot.id]])
}
