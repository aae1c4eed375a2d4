import type { SettingsFacts } from '../../../vault/doctor/facts.ts'
import { reachOf } from '../../reach.ts'
import { tombstonesPath } from '../backup/keep-tombstones.ts'
import type { Config } from '../config.ts'
import { hostUrls } from '../postgres-hosts.ts'

/** sslmode of those that `pg` holds a server's certificate against a known one for. */
const CHECKED = ['require', 'verify-ca', 'verify-full']

/** What a configuration says, without its secrets. @param port the one that was taken, where the service runs. */
export function settingsFacts(config: Config, env: NodeJS.ProcessEnv, port = config.port): SettingsFacts {
  const { environment, host, publicUrl, logName, witnesses, bootstrapKey } = config
  const { smtp, own } = config.channels
  return {
    environment,
    engine: config.databaseUrl === undefined ? 'sqlite' : 'postgres',
    listens: { host, port, reach: reachOf(host) },
    publicUrl,
    logName,
    witnesses: witnesses ? { quorum: witnesses.quorum, count: witnesses.witnesses.length } : 'none',
    tombstones: tombstonesPath(env) !== undefined,
    bootstrapKey: bootstrapKey !== undefined,
    smtp: smtp && { host: smtp.host, tls: smtp.tls, reach: reachOf(smtp.host) },
    ownNetworks: own,
    database: databaseFacts(config),
  }
}

/** Of several servers the one that can be reached from furthest. */
function databaseFacts({ databaseUrl }: Config): SettingsFacts['database'] {
  const [first, ...others] = (databaseUrl && hostUrls(databaseUrl.exposeSecret())) ?? []
  if (first === undefined) return undefined
  const hosts = [first, ...others].map((one) => new URL(one).hostname)
  const far = hosts.find((host) => reachOf(host) !== 'loopback') ?? new URL(first).hostname
  const mode = new URL(first).searchParams.get('sslmode') ?? ''
  return { host: far, encrypted: CHECKED.includes(mode), reach: reachOf(far) }
}
