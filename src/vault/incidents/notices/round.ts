import { isVaultError } from '../../../core/errors.ts'
import type { TenantId } from '../../../core/id.ts'
import { SECOND_MS, instant } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Vault } from '../../vault.ts'
import { composition } from './composition.ts'
import { contentsOf } from './contents.ts'
import { enrolNext } from './enrol.ts'
import { finish } from './finish.ts'
import type { Delivery, Notice } from './notice.ts'
import { attempt } from './send.ts'
import type { Sending } from './send.ts'

/** Notices a round, and of each so many steps of enrolment and attempts, after which another has its turn. */
const NOTICES_A_ROUND = 100
const STEPS_A_ROUND = 20
/** A Worker may make a thousand requests each time it wakes. */
const ATTEMPTS_A_ROUND = 500
/** A channel may be slow: from then on none begins in this round. */
const ROUND_MS = 5 * SECOND_MS

/**
 * The job: goes on with every notice that was approved. One that fails does not keep the others from theirs.
 * @throws whatever the last one failed of. While the vault is sealed notices wait.
 */
export async function sendNotices(vault: Vault): Promise<void> {
  const failed: unknown[] = []
  for (const { tenant, id } of await vault.store.listNoticesAtWork(NOTICES_A_ROUND)) {
    try {
      await goOn(vault, tenant, id)
    } catch (error) {
      // Cancelled in the middle, or another process makes the same step: the next round sees which.
      if (!isVaultError(error, 'sealed') && !isVaultError(error, 'conflict')) failed.push(error)
    }
  }
  if (failed.length > 0) throw failed.at(-1)
}

/** When the job has something to do again; undefined while nobody waits for anything but a channel that is not set up. */
export async function nextSending(vault: Vault): Promise<Instant | undefined> {
  let next = Infinity
  for (const { tenant, id } of await vault.store.listNoticesAtWork(NOTICES_A_ROUND)) {
    const notice = await vault.store.findNotice(tenant, id)
    if (notice) next = Math.min(next, await nextTurn(vault, tenant, notice))
  }
  return next === Infinity ? undefined : instant(next)
}

/** When a notice's next attempt may begin; one that is not through otherwise has its turn at once. */
async function nextTurn(
  { store, channels, clock }: Vault,
  tenant: TenantId,
  notice: Notice,
): Promise<number> {
  const next = notice.state === 'sending' ? await store.nextDelivery(tenant, notice.id) : undefined
  if (next === undefined) return clock.now()
  // It was approved where it could be sent: those who wait are shown as queued until it can be again.
  if (!channels.find(notice.channel)) return Infinity
  return Math.max(next, channels.pausedUntil(notice.channel))
}

async function goOn(vault: Vault, tenant: TenantId, id: Notice['id']): Promise<void> {
  for (let steps = 0; steps < STEPS_A_ROUND && !vault.channels.closing; steps++) {
    const notice = await vault.store.findNotice(tenant, id)
    if (notice?.state === 'sending') return sendSome(vault, tenant, notice)
    if (notice?.state !== 'approved') return
    await enrolNext(vault, tenant, notice)
  }
}

async function sendSome(vault: Vault, tenant: TenantId, notice: Notice): Promise<void> {
  const { store, channels, clock } = vault
  const now = clock.now()
  if ((await store.nextDelivery(tenant, notice.id)) === undefined) return finish(vault, tenant, notice)
  const channel = channels.find(notice.channel)
  if (!channel || (await nextTurn(vault, tenant, notice)) > now) return
  const contents = await contentsOf(vault, tenant, notice.id)
  const rest = { ...composition(notice, contents), to: contents.to }
  const due = await store.listDueDeliveries(tenant, notice.id, now, ATTEMPTS_A_ROUND)
  await sideBySide({ vault, tenant, notice, channel, ...rest }, due)
}

/** As many at a time as the channel takes; none begins once the channel is down, or the service is stopping. */
async function sideBySide(sending: Sending, due: readonly Delivery[]): Promise<void> {
  const { channels, clock } = sending.vault
  const { channel: name } = sending.notice
  const end = clock.now() + ROUND_MS
  let taken = 0
  const mayBegin = (now: Instant) => !channels.closing && now < end && channels.pausedUntil(name) <= now
  const work = async () => {
    while (mayBegin(clock.now())) {
      const row = due[taken++]
      if (!row) return
      await channels.during(attempt(sending, row))
    }
  }
  const workers = Array.from({ length: Math.min(sending.channel.width, due.length) }, work)
  const ended = await Promise.allSettled(workers)
  const failure = ended.find((one) => one.status === 'rejected')
  if (failure) throw failure.reason
}
