import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { secret } from '../../src/core/secret.ts'
import { instant } from '../../src/core/time.ts'
import { command as drill } from '../../src/cli/drill.ts'
import type { Command } from '../../src/cli/command.ts'
import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { Caller, appOf } from '../../src/runtime/node/drill/caller.ts'
import { DrillClock } from '../../src/runtime/node/drill/drill-clock.ts'
import { makeLeak } from '../../src/runtime/node/drill/made-leak.ts'
import { makeVault } from '../../src/runtime/node/drill/made-vault.ts'
import { madePerson } from '../../src/runtime/node/drill/persons.ts'
import { issuePlatformCredential } from '../../src/vault/principals/tenants.ts'
import { runCommand } from './run-command.ts'
import type { Outcome } from './run-command.ts'

export const TENANT = parseTenantId('default') as TenantId
export const PERSONS = 60
const DAY_MS = 86_400_000

export type Place = {
  root: string
  data: string
  keys: string
  env: NodeJS.ProcessEnv
  at(name: string): string
}

export function makePlace(more: NodeJS.ProcessEnv = {}): Place {
  const root = mkdtempSync(join(tmpdir(), 'drill-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const at = (name: string) => join(root, name)
  const [data, keys] = [at('data'), at('keys')]
  return { root, data, keys, at, env: { CLOAKROOM_DATA: data, CLOAKROOM_KEYS: keys, ...more } }
}

/** A vault that somebody else runs, with a leak by a credential. @returns the credential, and how many persons it looked at. */
export async function fillVault({ env }: Place, shares: readonly string[] = []) {
  const aware = instant(Date.now())
  const days = [4, 3].map((ago) => instant(aware - ago * DAY_MS))
  const clock = new DrillClock(instant(aware - 5 * DAY_MS))
  const opened = await openVault(readConfig(env), { clock, maySeal: shares.length > 0 })
  for (const share of shares) await opened.keys.unseal({ kind: 'share', share: secret(share) })
  const { vault } = opened
  const { secret: first } = await issuePlatformCredential(vault, TENANT, 'platform')
  const as = (credential: string) => new Caller(appOf(vault), credential)
  const platform = as(first.exposeSecret())
  const made = await makeVault(platform, as, clock, { persons: PERSONS, days })
  const { suspects, touched } = await makeLeak('credential_leak', { platform, as }, made, clock, aware)
  await opened.close()
  return { credential: suspects.credentials?.[0] ?? '', touched, platformKey: first.exposeSecret() }
}

/** All that is said of the persons, each in the words in which it was brought in. */
export function wordsOfAll(): readonly string[] {
  return Array.from({ length: PERSONS }, (_, n) => madePerson(n).person).flatMap(
    ({ name, phone, email, address }) => [name, phone, email, address.line1],
  )
}

/** Every file of a folder, by a hash of its bytes. */
export function hashesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ name }) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

export async function run(command: Command, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome> {
  return runCommand(command, env, ...args)
}

export function runDrill({ env }: Place, ...args: string[]): Promise<Outcome> {
  return run(drill, env, ...args)
}

export function writeShares({ at }: Place, shares: readonly string[]): readonly string[] {
  return shares.map((share, i) => {
    writeFileSync(at(`share-${i}`), `${share}\n`)
    return at(`share-${i}`)
  })
}

/** Folders of drills that are still there. */
export function leftIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('cloakroom-drill-')) : []
}
