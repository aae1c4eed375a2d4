import { openInObject } from './open-in-object.ts'

/** What test/http opens its stores with when it runs in workerd. */
export const openStore = openInObject
