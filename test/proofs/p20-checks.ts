import Database from 'better-sqlite3'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { equalBytes } from '../../src/core/bytes.ts'
import { parseCheckpoint } from '../../src/tlog/checkpoint.ts'
import { leafHash, rootOf } from '../../src/tlog/merkle.ts'
import { parseNote } from '../../src/tlog/note.ts'
import { readFiles, sayHits } from './byte-search.ts'
import type { ByteSearch } from './byte-search.ts'
import { attack, mayRemain, openTenantKeys, readRootKey } from './p09-attacker.ts'
import type { Attack } from './p09-attacker.ts'
import type { Resident, World } from './p09-p12-flows.ts'
import { TENANT } from './p09-p12-service.ts'
import { differences, readSnapshot } from './p09-snapshot.ts'
import type { Dump, KeyRow } from './p09-snapshot.ts'
import type { Ending } from './p20-endings.ts'
import type { Site } from './p20-service.ts'

/** The place where people live, before and after. */
export type Town = {
  world: World
  canaries: readonly Resident[]
  neighbours: readonly Resident[]
  ending: Ending
}

/** What has to hold of every restored folder, found once in one that nothing was replayed in. */
export type Truth = {
  attack: Attack
  victims: readonly KeyRow[]
  others: readonly Dump[]
  erased: ByteSearch
}

export function idsOf(residents: readonly Resident[]): string[] {
  return residents.map(({ subject }) => subject)
}

/** Of the house's own, credentials and a party changed as they should; notes without a person are the house's too. */
export function rowsOfPersons(dumps: readonly Dump[]): Dump[] {
  return dumps
    .filter(({ rule }) => rule === 'belongs')
    .map((dump) => (dump.table === 'notes' ? { ...dump, rule: 'grows' } : dump))
}

/** Files of a restored folder before anybody has served it. */
export function checkFiles(site: Site, town: Town, folder: string, truth: Truth): string[] {
  const path = site.path(folder)
  const snapshot = readSnapshot(path)
  const keys = openTenantKeys(readRootKey(join(site.keys, 'root.key')), snapshot)
  const loot = { files: readFiles(path), ...keys }
  const { opened, remnants, strayKeys } = attack(
    loot,
    truth.victims,
    snapshot.livingKeys(new Set(idsOf(town.canaries))),
  )
  const changed = differences(truth.others, rowsOfPersons(snapshot.dump(idsOf(town.neighbours))))
  snapshot.close()
  const kept = remnants > mayRemain(truth.victims.length) ? remnants : 0
  const left = opened.size + kept + strayKeys
  return [
    ...(left === 0
      ? []
      : [`${folder}: ${opened.size} erased opened, ${remnants} envelopes, ${strayKeys} keys left`]),
    ...changed.map((what) => `${folder}: ${what}`),
    ...sayHits(truth.erased.inFolder(path)).map((hit) => `${folder}: ${hit}`),
    ...(readdirSync(path).includes('restoring') ? [`${folder}: the work folder was left`] : []),
  ]
}

/** The restored log, hashed from its leaves, is what the service then signs. */
export async function checkLog(site: Site, folder: string): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const note = await (await fetch(`${site.url}/log/${TENANT}/checkpoint`)).text()
  await site.end('SIGTERM')
  const client = new Database(join(site.path(folder), 'cloakroom.sqlite'))
  const leaves = client.prepare<[], Buffer>('select bytes from events order by place').pluck().all()
  client.close()
  const signed = parseCheckpoint(parseNote(note)?.text ?? '')
  const covered = leaves.slice(0, signed?.size ?? 0)
  const isSame =
    signed !== undefined && equalBytes(signed.root, rootOf(covered.map((leaf) => leafHash(leaf))))
  return isSame && covered.length > 0 ? [] : ['the restored log is not what its checkpoint says']
}
