import { instant } from '../../core/time.ts'
import type { SettingsFacts, Surroundings } from '../../vault/doctor/facts.ts'
import type { Config } from './bindings.ts'

/** What a Worker can see around it: its bindings. Files, limits and the platform's clock it cannot. */
export function lookAround(
  { environment, publicUrl, logName, channels }: Config,
  engine: SettingsFacts['engine'],
): Surroundings {
  const settings: SettingsFacts = {
    environment,
    engine,
    listens: undefined,
    publicUrl,
    logName,
    witnesses: 'not_here',
    tombstones: false,
    bootstrapKey: false,
    smtp: undefined,
    ownNetworks: channels.own,
    database: undefined,
  }
  return { now: instant(Date.now()), settings, witnesses: [] }
}
