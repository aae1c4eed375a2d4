import { storeContract } from '../contract/store-contract.ts'
import { openInObject } from './open-in-object.ts'

storeContract('SQLite inside a Durable Object', openInObject)
