import { isVaultError } from '../../core/errors.ts'
import { readConfig } from '../../runtime/node/config.ts'
import { callControl } from '../../runtime/node/control.ts'
import type { KeyStatus } from '../../runtime/node/key-service.ts'
import { listRootKeys } from '../../runtime/node/root-key-folder.ts'
import { describeRootKey } from '../../runtime/node/root-key.ts'
import { EXIT_FAILED, EXIT_OK } from '../command.ts'
import type { Io } from '../command.ts'
import type { KeysCall } from '../keys.ts'
import { isProduction } from './make-root-key.ts'

export async function status({ path: first }: KeysCall, io: Io): Promise<number> {
  const newest = (await listRootKeys(first)).findLast(({ retired }) => !retired)
  const path = newest?.path ?? first
  const { keyId, protection, mode, readableByOthers } = await describeRootKey(path)
  io.stdout.write(`file        ${path}\n`)
  io.stdout.write(`key id      ${keyId}\n`)
  io.stdout.write(`protection  ${protection}\n`)
  io.stdout.write(`mode        ${mode.toString(8).padStart(4, '0')}\n`)
  const running = await ofService(io)
  if (running) io.stdout.write(linesOf(running).join('\n') + '\n')
  const problems = [
    ...(readableByOthers ? [`Others on this machine may reach the file. Run: chmod 600 ${path}`] : []),
    ...(protection === 'none' && isProduction(io) ? ['The key is not sealed: production refuses it.'] : []),
  ]
  for (const problem of problems) io.stderr.write(`cloakroom keys: ${problem}\n`)
  return problems.length === 0 ? EXIT_OK : EXIT_FAILED
}

/** What the running service says; undefined where none runs. */
export async function ofService(io: Io): Promise<KeyStatus | undefined> {
  try {
    return (await callControl(readConfig(io.env).dataFolder, 'keys.status', {})) as KeyStatus
  } catch (error) {
    if (isVaultError(error, 'service_not_running')) return undefined
    throw error
  }
}

function linesOf({ sealed, rootKeys, tenants }: KeyStatus): readonly string[] {
  const rootLine = ({ keyId, path, retired, needed }: KeyStatus['rootKeys'][number]) =>
    `  root     ${keyId}  ${retired ? 'retired' : needed ? 'in use' : 'not used'}  ${path}`
  return [
    `service     ${sealed ? 'sealed' : 'open'}`,
    ...rootKeys.map(rootLine),
    ...tenants.flatMap(({ tenant, keys, rotations }) => [
      `tenant ${tenant}`,
      ...keys.map(
        ({ kind, version, state }) => `  ${kind.padEnd(8)} ${String(version).padStart(3)}  ${state}`,
      ),
      ...rotations
        .filter((rotation) => rotation.state === 'running')
        .map(({ level, done, total }) => `  rotation of ${level}: ${done} of ${total} rows`),
    ]),
  ]
}
