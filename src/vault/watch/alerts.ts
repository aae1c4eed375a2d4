import { isVaultError } from '../../core/errors.ts'
import { utf8 } from '../../core/bytes.ts'
import type { SignalId, TenantId } from '../../core/id.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { sha256Hex } from '../../core/sha256.ts'
import { MINUTE_MS, SECOND_MS, after } from '../../core/time.ts'
import type { Outcome } from '../incidents/notices/channel.ts'
import { textAbout } from '../incidents/service.ts'
import type { Vault } from '../vault.ts'
import { sentenceOf } from './sentences.ts'
import { settingsOf } from './raise.ts'
import type { Alert, Signal } from './signal.ts'

const ALERTS_A_ROUND = 50
/** An attempt ends by itself within two minutes; until then nobody else begins one. */
const CLAIMED_MS = 3 * MINUTE_MS
/** Some nine hours in all, and the signal is in the list all the while. */
const MAX_ATTEMPTS = 8
const FIRST_WAIT_MS = 30 * SECOND_MS
const WAIT_GROWS_BY = 3
const ID_DIGITS = 32

/**
 * The job: tells of signals over the channels that the tenant has chosen. An attempt is noted before it begins, so a kill repeats one at
 * the most, under the same id. What cannot be sent is said in the signal.
 * @throws whatever the last one failed of.
 */
export async function sendAlerts(vault: Vault): Promise<void> {
  const failed: unknown[] = []
  for (const { tenant, id } of await vault.store.listDueAlerts(vault.clock.now(), ALERTS_A_ROUND)) {
    if (vault.channels.closing) return
    try {
      await vault.channels.during(alertOf(vault, tenant, id))
    } catch (error) {
      // Counted on meanwhile, or the keys are not there yet: it is due still.
      if (!isVaultError(error, 'conflict') && !isVaultError(error, 'sealed')) failed.push(error)
    }
  }
  if (failed.length > 0) throw failed.at(-1)
}

async function alertOf(vault: Vault, tenant: TenantId, id: SignalId): Promise<void> {
  const signal = await vault.store.findSignal(tenant, id)
  const now = vault.clock.now()
  const due = signal?.alerts.find(
    ({ state, nextAt }) => state === 'queued' && nextAt !== null && nextAt <= now,
  )
  if (!signal || !due) return
  const claimed = { ...due, attempts: due.attempts + 1, nextAt: after(now, CLAIMED_MS) }
  await put(vault, tenant, signal, claimed)
  const outcome = await attempt(vault, tenant, signal, claimed)
  // Others may count on it while it is being sent.
  for (let tries = 0; ; tries++) {
    const latest = await vault.store.findSignal(tenant, id)
    if (!latest) return
    try {
      return await put(vault, tenant, latest, settled(vault, claimed, outcome))
    } catch (error) {
      if (!isVaultError(error, 'conflict') || tries === MAX_ATTEMPTS) throw error
    }
  }
}

function put({ store }: Vault, tenant: TenantId, signal: Signal, alert: Alert): Promise<void> {
  const alerts = signal.alerts.map((one) => (one.channel === alert.channel ? alert : one))
  const changed = { ...signal, alerts }
  return store.commit(tenant, [{ type: 'signal.put', signal: changed, expectedVersion: signal.version }])
}

async function attempt(vault: Vault, tenant: TenantId, signal: Signal, { channel }: Alert): Promise<Outcome> {
  const way = vault.channels.find(channel)
  if (!way) return { result: 'failed', code: 'channel_not_configured' }
  const to = channel === 'email' ? await addressOf(vault, tenant) : null
  if (to === undefined) return { result: 'failed', code: 'no_address' }
  const { id, severity, firstAt, detector } = signal
  const text = `${sentenceOf(signal)}\n\n${vault.publicUrl}/v1/signals/${id}\n`
  return way.send({
    id: sha256Hex(utf8(`${id} ${channel}`)).slice(0, ID_DIGITS),
    tenant,
    incident: signal.incident,
    notice: null,
    signal: id,
    subject: null,
    to,
    message: { subject: `Cloakroom: ${severity} signal (${detector})`, text, language: 'en' },
    at: firstAt,
  })
}

async function addressOf(vault: Vault, tenant: TenantId): Promise<Secret<string> | undefined> {
  const { alertEmail } = await settingsOf(vault, tenant)
  const address = alertEmail === null ? null : await textAbout(vault, tenant, alertEmail)
  return address === null ? undefined : secret(address)
}

function settled(vault: Vault, alert: Alert, outcome: Outcome): Alert {
  const { result } = outcome
  if (result === 'sent' || result === 'delivered')
    return { ...alert, state: 'sent', nextAt: null, code: result }
  const { code } = outcome
  const isOver = result === 'bounced' || result === 'failed' || alert.attempts >= MAX_ATTEMPTS
  if (isOver) return { ...alert, state: 'failed', nextAt: null, code }
  const waits = FIRST_WAIT_MS * WAIT_GROWS_BY ** (alert.attempts - 1)
  const asked = 'afterMs' in outcome ? (outcome.afterMs ?? 0) : 0
  return { ...alert, nextAt: after(vault.clock.now(), Math.max(waits, asked)), code }
}
