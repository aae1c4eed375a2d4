import { VaultError, unreachable } from '../../core/errors.ts'
import { TransactionError } from './driver.ts'

/** Whether nothing was done for a reason that may lie with one list of the group. */
export function mayBeOneList(error: unknown): boolean {
  return !(error instanceof TransactionError) || error.fault === 'moved' || error.fault === 'other'
}

/** In the port's words. */
export function reasonOf(error: unknown): unknown {
  if (!(error instanceof TransactionError)) return error
  const { fault, cause } = error
  switch (fault) {
    case 'moved':
      return new VaultError('conflict', 'Something this call rested on has changed meanwhile.', { cause })
    case 'unwritable':
      return new VaultError('log_unavailable', 'Nothing can be written at the moment, so nothing was done.', {
        cause,
      })
    case 'unknown':
      return new VaultError(
        'unavailable',
        'The database was lost while this was being done: it may be done, or not.',
        {
          cause,
        },
      )
    case 'other':
      return cause
    default:
      return unreachable(fault)
  }
}
