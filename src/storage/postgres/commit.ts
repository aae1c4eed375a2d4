import { sql } from 'drizzle-orm'
import { VaultError } from '../../core/errors.ts'
import type { EventId, TenantId } from '../../core/id.ts'
import type { Change } from '../../vault/changes.ts'
import { groupSize } from '../group-size.ts'
import { changeApplier } from './apply/index.ts'
import { TransactionError } from './driver.ts'
import { batched } from './batch.ts'
import type { Step } from './batch.ts'
import type { PostgresDriver, Settled, SharedDriver } from './driver.ts'
import { mayBeOneList, reasonOf } from './reasons.ts'
import { events, tenants } from './schema/index.ts'
import { DONE, given, must, statement } from './statements.ts'
import { NO_TENANT } from './tenants.ts'
import type { TenantNumbers } from './tenants.ts'

type Waiting = {
  isNew: boolean
  steps: readonly Step[]
  /** One that the list writes: where it is, the list stands. */
  event: EventId | undefined
  resolve: () => void
  reject: (reason: unknown) => void
}

/** What is known not to stand after its connection was lost is sent once more. */
const MAX_SENT = 2

/**
 * So few lists are sent one by one, with a savepoint before each. Those that stand lie within each other's savepoints, of which
 * the server keeps up to 64 in memory: https://www.postgresql.org/docs/current/subxacts.html.
 */
const MOST_APART = 32

/**
 * Commits lists, one transaction of a tenant at a time in this process; those that arrive meanwhile share the next one and its
 * flush to disk. If one of them does not hold, all are undone and each half is committed by itself, down to a few that go apart
 * in one transaction. Other processes wait for the tenant's row, which every transaction locks first: so whatever a list expects
 * is read after everything that came before it, no two lists of a tenant wait for each other crosswise, and the log's places
 * have no gap.
 */
export class Commits {
  readonly #driver: PostgresDriver
  readonly #numbers: TenantNumbers
  readonly #apply: ReturnType<typeof changeApplier>
  readonly #lock: ReturnType<typeof must>
  readonly #hasEvent: ReturnType<typeof must>
  readonly #queues = new Map<number, Waiting[]>()

  constructor(driver: PostgresDriver, numbers: TenantNumbers) {
    this.#driver = driver
    this.#numbers = numbers
    this.#apply = changeApplier(driver.db)
    const row = driver.db.select(DONE).from(tenants).where(given(tenants.no, 'tenant'))
    this.#lock = must(row.for('no key update'))
    this.#hasEvent = must(driver.db.select(DONE).from(events).where(given(events.id, 'event')))
  }

  async commit(tenant: TenantId, changes: readonly Change[]): Promise<void> {
    const isNew = changes[0]?.type === 'tenant.insert'
    const no = isNew ? await this.#numbers.next() : await this.#numbers.of(tenant)
    if (no === NO_TENANT) throw new VaultError('not_found', 'No such tenant.')
    const steps = changes.flatMap((change) => this.#apply(change, { tenant: no }))
    const event = changes.find((change) => change.type === 'event.append')?.event.event.id
    await new Promise<void>((resolve, reject) => this.#enqueue(no, { isNew, steps, event, resolve, reject }))
  }

  #enqueue(tenant: number, waiting: Waiting): void {
    if (this.#driver.alone) {
      void this.#commitGroup(tenant, [waiting])
      return
    }
    const queue = this.#queues.get(tenant)
    if (queue) {
      queue.push(waiting)
      return
    }
    this.#queues.set(tenant, [waiting])
    void this.#work(tenant)
  }

  async #work(tenant: number): Promise<void> {
    // Lists of the same turn of the event loop go together from the first on.
    await Promise.resolve()
    const queue = this.#queues.get(tenant) ?? []
    while (queue.length > 0) {
      const size = groupSize(queue, ({ steps }) => steps.length)
      await this.#commitGroup(tenant, queue.splice(0, size))
    }
    this.#queues.delete(tenant)
  }

  /** @param sent how often it is with this time. */
  async #commitGroup(tenant: number, group: readonly Waiting[], sent = 1): Promise<void> {
    const driver = this.#driver
    try {
      await this.#send(tenant, group, sent)
      for (const { resolve } of group) resolve()
    } catch (error) {
      if (driver.alone || group.length === 1 || !mayBeOneList(error)) {
        for (const { reject } of group) reject(reasonOf(error))
      } else if (group.length <= MOST_APART && error instanceof TransactionError) {
        await this.#commitApart(driver, tenant, group, sent)
      } else {
        const half = Math.ceil(group.length / 2)
        await this.#commitGroup(tenant, group.slice(0, half), sent)
        await this.#commitGroup(tenant, group.slice(half), sent)
      }
    }
  }

  /** In one transaction: those that do not hold cost none of their own, and each is told what came of itself. */
  async #commitApart(
    driver: SharedDriver,
    tenant: number,
    group: readonly Waiting[],
    sent: number,
  ): Promise<void> {
    const head = batched(this.#head(tenant, group))
    const lists = group.map(({ steps }) => batched(steps))
    const whys = await driver.transactEach(head, lists).catch((error: unknown) => group.map(() => error))
    const settled = await Promise.all(
      group.map(async (one, i) => (whys[i] === undefined ? 'stands' : this.#settle(tenant, [one], whys[i]))),
    )
    const again: Waiting[] = []
    for (const [i, one] of group.entries()) {
      if (settled[i] === 'stands') one.resolve()
      else if (settled[i] === 'unknown') one.reject(reasonOf(whys[i]))
      else if (sent === MAX_SENT) one.reject(reasonOf(new TransactionError('unwritable', whys[i])))
      else again.push(one)
    }
    if (again.length > 0) await this.#commitGroup(tenant, again, sent + 1)
  }

  /**
   * Alone, locking is still a write: an empty list waits until what it may have seen before is where acknowledged things are.
   * The row of a tenant that is inserted here is the transaction's own until it ends.
   */
  #head(tenant: number, group: readonly Waiting[]): Step[] {
    return group.some(({ isNew }) => isNew) ? [TERMS({})] : [TERMS({}), this.#lock({ tenant })]
  }

  /** @throws TransactionError */
  async #send(tenant: number, group: readonly Waiting[], sent = 1): Promise<void> {
    const steps = group.flatMap((one) => one.steps)
    try {
      await this.#driver.transact(batched([...this.#head(tenant, group), ...steps]))
    } catch (error) {
      const settled = await this.#settle(tenant, group, error)
      if (settled === 'stands') return
      if (settled === 'unknown') throw error
      if (sent === MAX_SENT) throw new TransactionError('unwritable', error)
      await this.#send(tenant, group, sent + 1)
    }
  }

  /**
   * A row of the log tells whether the group that wrote it stands. A transaction's number would not: after a failover the new
   * server gives it to another. The tenant's row is locked first, which is a write: so what is seen was there before it, and is
   * where acknowledged things are once that is committed.
   */
  async #settle(tenant: number, group: readonly Waiting[], error: unknown): Promise<Settled> {
    const event = group.find((one) => one.event !== undefined)?.event
    const session = error instanceof TransactionError && error.fault === 'unknown' ? error.session : undefined
    if (event === undefined || !session) return 'unknown'
    const look = [TERMS({}), this.#lock({ tenant }), this.#hasEvent({ event })]
    return this.#driver.settle(session, batched(look))
  }
}

/**
 * Whatever server and role have as their defaults: acknowledged is on disk, and on the synchronous standby where there is one.
 * A transaction whose sender is lost halfway lets go of the tenant's row by itself, and nobody waits for a row for ever.
 */
const TERMS = statement(sql`select
  set_config('synchronous_commit',
    case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, true),
  set_config('idle_in_transaction_session_timeout', '5s', true),
  set_config('lock_timeout', '10s', true),
  set_config('statement_timeout', '12s', true)`)
