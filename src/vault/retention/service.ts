import { fromUtf8, utf8 } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { EventId, TenantId } from '../../core/id.ts'
import { DAY_MS } from '../../core/time.ts'
import { open, seal } from '../../crypto/envelope.ts'
import { notePlace } from '../../crypto/place.ts'
import { sealEvent } from '../audit/event.ts'
import type { Change } from '../changes.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { RETENTION_RULES, judgeSetting, keepMsOf, ruleOf } from './policy.ts'
import type { RetentionKind, RetentionRule, RetentionSetting, SettingRefusal } from './policy.ts'

/** A rule as it is in force for one tenant. */
export type RetentionInForce = {
  rule: RetentionRule
  keptMs: number
  /** Whether the time is the tenant's own. */
  own: boolean
  /** Why the tenant keeps it for less than the floor, in the words that were given. */
  overrideReason: string | undefined
}

/** @throws VaultError `not_found` */
export async function retentionOf(vault: Vault, tenant: TenantId): Promise<readonly RetentionInForce[]> {
  const found = await vault.store.findTenant(tenant)
  if (!found) throw notFound('tenant')
  const { settings } = found
  return Promise.all(
    RETENTION_RULES.map(async (rule) => {
      const own = settings.retention?.find(({ kind }) => kind === rule.kind)
      const overrideReason = own?.override && (await readReason(vault, tenant, own.override.reason))
      return { rule, keptMs: keepMsOf(settings, rule), own: own !== undefined, overrideReason }
    }),
  )
}

/** `days` undefined for the default. The reason is asked for where the time is below the floor, and nowhere else. */
export type RetentionChange = {
  kind: RetentionKind
  days: number | undefined
  overrideReason?: string | undefined
}

/**
 * Sets how long one tenant keeps one kind of thing.
 * @throws VaultError `not_found`; `invalid_request` for a time that may not be, or is below the floor without a reason.
 */
export async function setRetention(vault: Vault, tenant: TenantId, change: RetentionChange): Promise<void> {
  const found = await vault.store.findTenant(tenant)
  if (!found) throw notFound('tenant')
  refuseSetting(change)
  const { kind, days, overrideReason } = change
  const at = vault.clock.now()
  const id = timedId('evt', vault.random, at)
  const others = (found.settings.retention ?? []).filter((one) => one.kind !== kind)
  const override = overrideReason === undefined ? {} : { override: { reason: id } }
  const own: readonly RetentionSetting[] = days === undefined ? [] : [{ kind, days, ...override }]
  const counts = { days: days ?? Math.ceil(ruleOf(kind).keepMs / DAY_MS) }
  const event = { id, at, type: 'tenant.settings_changed', actor: 'system', code: kind, counts } as const
  await vault.store.commit(tenant, [
    { type: 'tenant.set_settings', settings: { ...found.settings, retention: [...others, ...own] } },
    ...(overrideReason === undefined ? [] : [await reasonNote(vault, tenant, event, overrideReason)]),
    { type: 'event.append', event: sealEvent(tenant, event, vault.random) },
  ])
}

const REFUSALS: Readonly<Record<SettingRefusal, string>> = {
  days_invalid: 'A time is a whole number of days, 1 to 36525.',
  below_floor: 'This is less than the law asks for. It takes a stated reason.',
  override_needless: 'This is not less than the law asks for: there is nothing to override.',
}

function refuseSetting({ kind, days, overrideReason }: RetentionChange): void {
  const reasonGiven = overrideReason !== undefined
  const code =
    days === undefined
      ? reasonGiven
        ? 'override_needless'
        : undefined
      : judgeSetting(kind, days, reasonGiven)
  const empty = reasonGiven && overrideReason.trim() === ''
  if (!code && !empty) return
  const why = code ?? 'below_floor'
  throw new VaultError('invalid_request', REFUSALS[why], { errors: [{ pointer: '/days', code: why }] })
}

/** Free text holds names sooner or later, so it is sealed like any other reason. The change's event is what it is about. */
async function reasonNote(
  vault: Vault,
  tenant: TenantId,
  { id, at }: { id: EventId; at: Parameters<typeof timedId>[2] },
  text: string,
): Promise<Change> {
  const { note } = await vault.keyring.tenantKeys(tenant)
  const sealed = seal(note.primary.key, utf8(text), reasonPlace(tenant, id))
  return { type: 'note.insert', about: id, subject: null, sealed, at }
}

function reasonPlace(tenant: TenantId, event: EventId) {
  return notePlace({ tenant, kind: 'reason', id: event })
}

const NOTES_A_PAGE = 1_000

async function readReason(vault: Vault, tenant: TenantId, about: EventId): Promise<string | undefined> {
  const { note } = await vault.keyring.tenantKeys(tenant)
  for (let after = 0; ;) {
    const page = await vault.store.listNotesNumbered(tenant, null, after, NOTES_A_PAGE)
    const found = page.find((one) => one.about === about)
    if (found) return fromUtf8(open(note.opening(found.sealed), found.sealed, reasonPlace(tenant, about)))
    const last = page.at(-1)
    if (!last) return undefined
    after = last.no
  }
}
