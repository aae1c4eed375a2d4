import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../client.ts'
import { as } from '../world.ts'
import type { World } from '../world.ts'

/** Permission bits: the owner's alone. */
const OWNER_FILE = 0o600
const OWNER_FOLDER = 0o700

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

/** @returns the platform, with the credential that the service printed. */
export async function openVault({ tell, service }: World): Promise<{ platform: Client; credential: string }> {
  tell.step(
    'An empty folder',
    'The service is started with a folder for data and one for keys, neither of which exists yet. No other set-up.',
  )
  tell.needs(
    'neither folder exists',
    [existsSync(service.dataFolder), existsSync(service.keysFolder)],
    [false, false],
  )
  await service.start()
  tell.shows('$ cloakroom serve')
  const greeting = service.printed.split('\n').filter((line) => line.trim() !== '')
  for (const line of greeting.slice(0, 4)) tell.shows(line)

  const anyone = as(service)
  const [health, ready] = [await anyone.get('/healthz'), await anyone.get('/readyz')]
  tell.holds(
    'It serves, and its store, log and keys answer.',
    [health.body, ready.status],
    [{ status: 'ok' }, 200],
  )
  const [, credential = ''] = /^\s+(ck_default_[0-9A-Za-z]{32,})$/m.exec(service.printed) ?? []
  tell.holds('It printed the first credential, that of the platform.', credential !== '', true)
  if (process.platform !== 'win32') {
    const modes = [modeOf(service.dataFolder), modeOf(join(service.keysFolder, 'root.key'))]
    tell.holds('Folder and root key are for their owner alone.', modes, [OWNER_FOLDER, OWNER_FILE])
  }
  const stranger = await anyone.get('/v1/parties')
  tell.holds(
    'Without a credential it says nothing.',
    [stranger.status, stranger.at('code')],
    [401, 'unauthenticated'],
  )
  const document = await anyone.get('/openapi.json')
  tell.holds(
    'It describes its own interface (OpenAPI 3.1).',
    String(document.at('openapi')).slice(0, 3),
    '3.1',
  )
  return { platform: as(service, credential), credential }
}
