import { dumpTables, newPlace, openAt, removePlace } from '../postgres/opened.ts'
import { storeContract } from './store-contract.ts'

storeContract('PostgreSQL', async () => {
  const place = newPlace()
  let opened = await openAt(place)
  return {
    store: opened.store,
    async reopen() {
      await opened.close()
      opened = await openAt(place)
      return opened.store
    },
    dump: () => dumpTables(place),
    async close() {
      await opened.close()
      await removePlace(place)
    },
  }
})
