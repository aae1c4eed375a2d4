import { dumpTables, openInside, removeFolder, tempFolder } from '../storage/opened.ts'
import { storeContract } from './store-contract.ts'

storeContract('SQLite under Node', async () => {
  const folder = tempFolder()
  let opened = openInside(folder)
  return {
    store: opened.store,
    async reopen() {
      await opened.store.close()
      opened = openInside(folder)
      return opened.store
    },
    dump: async () => dumpTables(opened.client),
    async close() {
      await opened.store.close()
      removeFolder(folder)
    },
  }
})
