import { readFile } from 'node:fs/promises'
import { readConfig } from '../../runtime/node/config.ts'
import { callControl } from '../../runtime/node/control.ts'
import type { Destroyed } from '../../runtime/node/root-key-destruction.ts'
import { EXIT_OK } from '../command.ts'
import type { Io } from '../command.ts'
import type { KeysCall } from '../keys.ts'
import { readSecretLines } from '../secret-line.ts'

/** Asks the running service, which knows whose credentials these are and what still needs the key. */
export async function destroy({ keyId, credentialFiles }: KeysCall, io: Io): Promise<number> {
  const { dataFolder } = readConfig(io.env)
  const [asks = '', approves = ''] =
    credentialFiles.length > 0 ? await firstLines(credentialFiles) : await typedIn(io)
  const destroyed = (await callControl(dataFolder, 'keys.destroy_root', {
    root_key_id: keyId,
    asks,
    approves,
  })) as Destroyed
  io.stdout.write(`Destroyed root key ${destroyed.keyId}: ${destroyed.path} is gone.\n`)
  io.stdout.write(
    'A backup from before its rotation cannot be opened any more, unless somebody kept a copy of the key.\n',
  )
  return EXIT_OK
}

async function firstLines(paths: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return texts.map((text) => text.split(/\r?\n/)[0] ?? '')
}

async function typedIn(io: Io): Promise<readonly string[]> {
  const questions = [
    'The platform credential of the one who asks (not shown): ',
    'And of the one who approves: ',
  ]
  return (await readSecretLines(questions, io)).map((line) => line.exposeSecret())
}
