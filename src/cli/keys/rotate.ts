import { VaultError } from '../../core/errors.ts'
import { openVault } from '../../runtime/node/compose.ts'
import { readConfig } from '../../runtime/node/config.ts'
import { callControl } from '../../runtime/node/control.ts'
import type { ControlArgs, Progress } from '../../runtime/node/control.ts'
import { keyCommands } from '../../runtime/node/key-commands.ts'
import type { KeyStatus } from '../../runtime/node/key-service.ts'
import { listRootKeys, nextRootKeyPath } from '../../runtime/node/root-key-folder.ts'
import { Rotations } from '../../runtime/node/rotations.ts'
import { EXIT_OK } from '../command.ts'
import type { Io } from '../command.ts'
import type { KeysCall } from '../keys.ts'
import { makeRootKey } from './make-root-key.ts'
import { showRotation } from './progress.ts'
import { ofService } from './status.ts'

type Rotated = { rotations: readonly { level: string; target: string; done: number }[] }

/** Asks the running service, or does it here where none runs on the data folder. */
export async function rotate(call: KeysCall, io: Io): Promise<number> {
  const running = await ofService(io)
  const asking = running ? askService(running, io) : await askHere(io)
  const { ask } = asking
  try {
    const args = call.level === 'root' ? await rootArgs(call, await ask.status(), io) : {}
    const shown = showRotation(io.stderr)
    const tenant = call.tenant === undefined ? {} : { tenant: call.tenant }
    const { rotations } = await ask
      .rotate({ level: call.level, ...tenant, ...args }, (progress) => shown.update(progress))
      .finally(() => shown.stop())
    const rows = rotations.reduce((sum, { done }) => sum + done, 0)
    io.stdout.write(`Rotated ${call.level}: ${rows} rows, ${rotations.length} tenants.\n`)
  } finally {
    await asking.close()
  }
  return EXIT_OK
}

type Ask = {
  status(): Promise<KeyStatus>
  rotate(args: ControlArgs, onProgress: (progress: Progress) => void): Promise<Rotated>
}
type Asking = { ask: Ask; close(): Promise<void> }

function askService(status: KeyStatus, io: Io): Asking {
  const { dataFolder } = readConfig(io.env)
  const ask: Ask = {
    status: () => Promise.resolve(status),
    rotate: async (args, onProgress) =>
      (await callControl(dataFolder, 'keys.rotate', args, onProgress)) as Rotated,
  }
  return { ask, close: () => Promise.resolve() }
}

async function askHere(io: Io): Promise<Asking> {
  const opened = await openVault(readConfig(io.env))
  const { vault, keys } = opened
  const rotations = new Rotations(vault, keys)
  const commands = keyCommands(keys, rotations)
  const ask: Ask = {
    status: () => keys.status(),
    rotate: async (args, onProgress) => (await commands['keys.rotate']?.(args, onProgress)) as Rotated,
  }
  return {
    ask,
    close() {
      rotations.stop()
      return opened.close()
    },
  }
}

/** Makes the root key to rotate to; one that a rotation was interrupted on its way to is gone on with. */
async function rootArgs(call: KeysCall, status: KeyStatus, io: Io): Promise<ControlArgs> {
  if (status.sealed)
    throw new VaultError('sealed', 'The vault is sealed: open it first with `cloakroom unseal`.')
  const needed = status.rootKeys.filter((key) => key.needed)
  const target = needed.at(-1)
  if (needed.length > 1 && target) return { root_key_id: target.keyId }
  const isWeaker = target !== undefined && target.protection !== 'none' && !isProtected(call, io)
  if (isWeaker) {
    throw new VaultError(
      'passphrase_required',
      'The root key in use is sealed, so the new one has to be: give --passphrase-file, or --shares and --threshold.',
    )
  }
  const path = nextRootKeyPath(call.path, await listRootKeys(call.path))
  const { keyId, passphrase, shares } = await makeRootKey(path, call, io)
  return {
    root_key_id: keyId,
    ...(passphrase && { passphrase: passphrase.exposeSecret() }),
    ...(call.sharing && {
      shares: shares.slice(0, call.sharing.threshold).map((share) => share.exposeSecret()),
    }),
  }
}

function isProtected({ passphraseFile, sharing }: KeysCall, io: Io): boolean {
  return (
    passphraseFile !== undefined || sharing !== undefined || io.env.CLOAKROOM_PASSPHRASE_FILE !== undefined
  )
}
