import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { textAbout } from '../incidents/service.ts'
import { addNote } from '../notes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { transact } from '../transact.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { DETECTORS } from './detectors/index.ts'
import { DEFAULT_SETTINGS } from './settings.ts'
import type { WatchSettings } from './settings.ts'
import { SIGNAL_SEVERITIES } from './signal.ts'

/** Settings as they are given and shown: with the address itself in place of where it is kept. */
export type GivenSettings = Omit<WatchSettings, 'alertEmail'> & { alertEmail: string | null }

/** Of all the active parties: more than that by itself and a slip of a figure stops everybody. */
export const MOST_HELD_SHARE = 0.25

/** What actions may be set for, besides detectors of the log. */
const OTHERS: ReadonlySet<string> = new Set(['all', 'canary'])

export async function findSettings(vault: Vault, tenant: TenantId): Promise<GivenSettings> {
  const settings = (await vault.store.findWatch(tenant))?.settings ?? DEFAULT_SETTINGS
  const alertEmail = settings.alertEmail === null ? null : await textAbout(vault, tenant, settings.alertEmail)
  return { ...settings, alertEmail }
}

/**
 * Puts all settings.
 * @throws VaultError `invalid_request` with a pointer to each that cannot be: a detector that there is not, a parameter out of its
 *   bounds, holding at low severity, or more than a quarter of all parties at once.
 */
export async function putSettings(
  vault: Vault,
  call: Call<PlatformCaller>,
  given: GivenSettings,
): Promise<GivenSettings> {
  const errors = faultsOf(given)
  if (errors.length > 0)
    throw new VaultError('invalid_request', 'These settings cannot be taken.', { errors })
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  await transact(vault, call, async () => {
    const now = vault.clock.now()
    const watch = await vault.store.findWatch(tenant)
    const details = { type: 'tenant.settings_changed', code: 'watch' } as const
    const { event, append } = record(vault, call.caller, now, details)
    const { alertEmail: address, ...rest } = given
    const settings: WatchSettings = { ...rest, alertEmail: address === null ? null : event.id }
    const about = { tenant, about: event.id, subject: null }
    const kept = address === null ? [] : [addNote(note.primary.key, { ...about, text: address }, now)]
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'watch.set_settings', settings, expectedVersion: watch?.settingsVersion ?? 0 },
      ...kept,
      append,
    ]
    return { changes, result: null }
  })
  return findSettings(vault, tenant)
}

function faultsOf({ actions, maxHeldShare, parameters }: GivenSettings): readonly FieldError[] {
  const errors: FieldError[] = []
  const fault = (pointer: string, code: string) => errors.push({ pointer, code })
  const known = new Map(DETECTORS.map((one) => [one.name, one]))
  if (maxHeldShare > MOST_HELD_SHARE) fault('/max_held_share', 'too_large')
  for (const [detector, bySeverity] of Object.entries(actions)) {
    if (!known.has(detector) && !OTHERS.has(detector)) fault(`/actions/${detector}`, 'unknown')
    for (const severity of SIGNAL_SEVERITIES) {
      const some = bySeverity[severity] ?? []
      const holds = some.filter((one) => one === 'hold' || one === 'suspend' || one === 'slow')
      if (severity === 'low' && holds.length > 0) fault(`/actions/${detector}/low`, 'holds_at_low')
      if (holds.length > 1) fault(`/actions/${detector}/${severity}`, 'several_holds')
    }
  }
  for (const [name, values] of Object.entries(parameters)) {
    const bounds = known.get(name)?.parameters
    if (!bounds) fault(`/parameters/${name}`, 'unknown')
    for (const [parameter, value] of bounds ? Object.entries(values) : []) {
      const bound = bounds?.[parameter]
      if (!bound) fault(`/parameters/${name}/${parameter}`, 'unknown')
      else if (!(value >= bound.min && value <= bound.max)) {
        fault(`/parameters/${name}/${parameter}`, 'out_of_bounds')
      }
    }
  }
  return errors
}
