import { instant } from '../../../core/time.ts'
import type { Facts, Surroundings, VersionFacts } from '../../../vault/doctor/facts.ts'
import type { VaultStore } from '../../../vault/store.ts'
import type { Config } from '../config.ts'
import { backupFacts, fileFacts, limitFacts, rootKeyFacts } from './disk-facts.ts'
import { settingsFacts } from './settings-facts.ts'

export type Look = {
  config: Config
  env: NodeJS.ProcessEnv
  store: VaultStore
  sealed: () => boolean
  versions: () => Promise<VersionFacts>
  /** Undefined where no service runs: then nothing is known of its limits and its clock. */
  running: { port: number; clock: () => Facts['clock'] } | undefined
  /** A folder that backups go into. */
  backups?: string | undefined
}

/** All that can be seen of one process and its data folder, apart from what lies in the store. */
export async function lookAround(look: Look): Promise<Surroundings> {
  const { config, env, store, running } = look
  const [files, rootKeys, limits, backup, versions] = await Promise.all([
    fileFacts(config, env),
    rootKeyFacts(config, store, look.sealed()),
    limitFacts(config, running !== undefined),
    backupFacts(config, look.backups),
    look.versions(),
  ])
  const clock = running?.clock()
  return {
    now: instant(Date.now()),
    settings: settingsFacts(config, env, running?.port),
    root_keys: rootKeys,
    files,
    limits,
    versions,
    ...(backup && { backup }),
    ...(clock && { clock }),
    witnesses: config.witnesses?.witnesses.map(({ verifier }) => verifier) ?? [],
  }
}
