import { deliver } from './acts/deliver.ts'
import { answerClocks, assess } from './acts/breach-clocks.ts'
import { tellPersons } from './acts/breach-notice.ts'
import { handIn } from './acts/breach-report.ts'
import { contain, findLeak } from './acts/breach.ts'
import { eraseHer, othersWords, searchForHer, wordsOfHer } from './acts/erase.ts'
import { lookAtTokens } from './acts/hold.ts'
import { importOrders } from './acts/import.ts'
import { lookBack } from './acts/look.ts'
import { loseKey } from './acts/lose-key.ts'
import { onboardParties } from './acts/onboard.ts'
import { openVault } from './acts/open.ts'
import { refuse } from './acts/refuse.ts'
import { reopen, stop } from './acts/reopen.ts'
import { retry } from './acts/retry.ts'
import { revoke } from './acts/revoke.ts'
import { makeParcels } from './acts/ship.ts'
import type { World } from './world.ts'

/** One buyer’s data from the shop’s export to its erasure. @throws Differs at the first thing that is not as told. */
export async function tellStory(world: World): Promise<void> {
  world.tell.says(
    'Cloakroom from end to end. The orders are those of test/data; the people in them are made up.',
  )
  world.tell.says('A tick stands before what was checked. The first thing that does not hold ends the demo.')
  const { platform, credential } = await openVault(world)
  const cast = await onboardParties(world, platform)
  const orders = await importOrders(world, cast, credential)
  const held = await lookAtTokens(world, cast, orders)
  const parcels = await makeParcels(world, cast, held)
  const scanned = await deliver(world, cast, parcels.first, held.her)
  await refuse(world, cast, parcels.first, held)
  // The export's next buyer lends an address: nobody's is made up here.
  const email = orders.shopify.slice.next['Email'] ?? ''
  const her = await lookBack(world, cast, held, scanned, email)
  await revoke(world, cast, her, held, parcels)
  await loseKey(world, cast, parcels.other)
  await retry(world, cast, parcels.neighbour, held.neighbour)
  const leak = await findLeak(world, cast, held, orders.shopify)
  await contain(world, cast, leak)
  await assess(world, cast, leak)
  const noticed = await tellPersons(world, cast, leak, { client: her, email })
  await answerClocks(world, cast, leak, noticed)
  await handIn(world, cast, leak, noticed)
  const words = wordsOfHer(held, email)
  await eraseHer(world, cast, { client: her, words }, held, parcels)
  await stop(world)
  searchForHer(world, cast, words, othersWords(orders, words))
  await reopen(world, cast, held, parcels)
}
