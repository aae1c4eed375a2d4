import { VaultError } from '../core/errors.ts'

/** Cursors are opaque to callers and come back from them: anything may arrive. */
export function badCursor(): never {
  throw new VaultError('invalid_request', 'The cursor is not one that this list gave out.')
}
