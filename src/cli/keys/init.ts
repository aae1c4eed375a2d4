import { EXIT_OK } from '../command.ts'
import type { Io } from '../command.ts'
import type { KeysCall } from '../keys.ts'
import { makeRootKey } from './make-root-key.ts'

export async function init(call: KeysCall, io: Io): Promise<number> {
  await makeRootKey(call.path, call, io)
  return EXIT_OK
}
