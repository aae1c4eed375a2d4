import { VaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import type { Change } from '../../vault/changes.ts'
import type { Mark } from '../../vault/store.ts'
import { groupSize } from '../group-size.ts'
import type { ApplyList } from './apply/index.ts'
import { conflict } from './apply/list.ts'
import type { LogSizes } from './apply/list.ts'
import type { Basis } from './basis.ts'
import type { SqliteDriver } from './driver.ts'
import type { TenantNumbers } from './reads/tenants.ts'

/** A few hundred kilobytes. */
const MAX_KNOWN_LOGS = 10_000

type Waiting = {
  tenant: TenantId
  changes: readonly Change[]
  mark: Mark | undefined
  resolve: () => void
  reject: (reason: Error) => void
}

/** Why a list was undone; undefined if it stands. */
type Outcome = Error | undefined

/** `writing` unless the last attempt to write failed; `lost` for good. */
export type Health = 'writing' | 'not_writing' | 'lost'

/**
 * Lists that arrive in one turn of the event loop are applied in one transaction and share its flush to disk. If one of
 * them does not hold, all are undone and applied again, each in its own savepoint, so that only that one is left out.
 * Promises settle after the transaction has ended.
 */
export class GroupCommit {
  readonly #driver: SqliteDriver
  readonly #numbers: TenantNumbers
  readonly #apply: ApplyList
  readonly #onFatal: (cause: unknown) => void
  readonly #drained: (() => void)[] = []
  readonly #basis: Basis
  /** Tenants to whose logs something was added since they were last found to be covered by a checkpoint. */
  readonly appended = new Set<TenantId>()
  /** How long each tenant's log is after the last transaction that stood: this is the store's only writer. */
  readonly #logSizes: LogSizes = new Map()
  #queue: Waiting[] = []
  #scheduled = false
  #health: Health = 'writing'
  /** Set until the files are known to be free of what was erased, over failed attempts too. */
  #scrubDue = false

  constructor(
    driver: SqliteDriver,
    numbers: TenantNumbers,
    apply: ApplyList,
    basis: Basis,
    onFatal: (cause: unknown) => void,
  ) {
    this.#driver = driver
    this.#numbers = numbers
    this.#apply = apply
    this.#basis = basis
    this.#onFatal = onFatal
  }

  get health(): Health {
    return this.#health
  }

  mark(tenant: TenantId): Mark {
    return { moves: this.#basis.of(tenant) }
  }

  commit(tenant: TenantId, changes: readonly Change[], mark?: Mark): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ tenant, changes, mark, resolve, reject })
      this.#schedule()
    })
  }

  /** Runs other work that writes, between groups. @throws VaultError `log_unavailable` if nothing was written. */
  alone<T>(work: () => T): T {
    if (this.#health === 'lost') throw notWritten()
    try {
      const result = this.#driver.transaction(work)
      this.#health = 'writing'
      return result
    } catch (error) {
      throw this.#failure(error)
    }
  }

  /** Resolves when nothing waits any more. */
  drain(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#drained.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#driver.schedule(() => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    const size = groupSize(this.#queue, ({ changes }) => changes.length)
    const group = this.#queue.slice(0, size)
    this.#queue = this.#queue.slice(size)
    const outcomes = this.#commitGroup(group)
    group.forEach(({ tenant, changes, resolve, reject }, i) => {
      const reason = outcomes[i]
      if (!reason && appends(changes)) this.appended.add(tenant)
      if (reason) reject(reason)
      else resolve()
    })
    if (this.#queue.length > 0) return this.#schedule()
    for (const resolve of this.#drained.splice(0)) resolve()
  }

  #commitGroup(group: readonly Waiting[]): readonly Outcome[] {
    if (this.#health === 'lost') return group.map(() => notWritten())
    try {
      const outcomes = this.#applyTogether(group) ?? this.#applyOneByOne(group)
      this.#health = 'writing'
      return this.#scrub(group, outcomes)
    } catch (error) {
      const reason = this.#failure(error)
      return group.map(() => reason)
    }
  }

  /**
   * Without savepoints, which copy every page that a list touches.
   * @returns undefined if a list did not hold, and nothing was kept of any.
   */
  #applyTogether(group: readonly Waiting[]): readonly Outcome[] | undefined {
    try {
      if (this.#logSizes.size > MAX_KNOWN_LOGS) this.#logSizes.clear()
      this.#driver.transaction(() => {
        for (const waiting of group) this.#applyList(waiting, this.#logSizes)
      })
      return group.map(() => undefined)
    } catch (error) {
      this.#logSizes.clear()
      const reason = this.#reasonOf(error)
      return group.length === 1 ? [reason] : undefined
    }
  }

  #applyOneByOne(group: readonly Waiting[]): readonly Outcome[] {
    const attempt = (waiting: Waiting): Outcome => {
      try {
        this.#driver.savepoint(() => this.#applyList(waiting, new Map()))
        return undefined
      } catch (error) {
        return this.#reasonOf(error)
      }
    }
    return this.#driver.transaction(() => group.map(attempt))
  }

  #applyList({ tenant, changes, mark }: Waiting, logSizes: LogSizes): void {
    const unmoved = mark?.moves === this.#basis.of(tenant)
    this.#basis.note(tenant, changes)
    this.#apply(this.#numbers.peek(tenant), changes, { unmoved, logSizes })
  }

  /**
   * Why one list was undone.
   * @throws what failed the engine itself: it may have undone the whole transaction, so nothing more belongs in it.
   */
  #reasonOf(error: unknown): Error {
    const fault = this.#driver.faultOf(error)
    if (fault === 'unwritable' || fault === 'lost') throw error
    return fault === 'unique' ? conflict(error) : asError(error)
  }

  /** What the callers are told when a whole transaction has failed. */
  #failure(error: unknown): Error {
    const fault = this.#driver.faultOf(error)
    if (fault === 'other' || fault === 'unique') return asError(error)
    if (fault === 'unwritable') {
      this.#health = 'not_writing'
      return notWritten(error)
    }
    this.#health = 'lost'
    this.#onFatal(error)
    return new VaultError('unavailable', 'The store has failed and must be started again.', { cause: error })
  }

  /** Those who erased are told of success only once what they erased is in no file. */
  #scrub(group: readonly Waiting[], outcomes: readonly Outcome[]): readonly Outcome[] {
    this.#scrubDue ||= group.some(({ changes }, i) => !outcomes[i] && erases(changes))
    if (!this.#scrubDue) return outcomes
    try {
      this.#driver.scrub()
      this.#scrubDue = false
      return outcomes
    } catch (error) {
      const reason = this.#driver.faultOf(error) === 'lost' ? this.#failure(error) : notGone(error)
      return group.map(({ changes }, i) => outcomes[i] ?? (waitsForScrub(changes) ? reason : undefined))
    }
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

function notWritten(cause?: unknown): VaultError {
  return new VaultError('log_unavailable', 'Nothing can be written at the moment, so nothing was done.', {
    cause,
  })
}

/** What these overwrite is in no file once they are acknowledged. */
const LEAVES_NOTHING = new Set<Change['type']>(['subject.erase', 'tenant_key.destroy'])

function erases(changes: readonly Change[]): boolean {
  return changes.some(({ type }) => LEAVES_NOTHING.has(type))
}

/** An empty list is there to wait: for a repetition of what was erased before. */
function waitsForScrub(changes: readonly Change[]): boolean {
  return changes.length === 0 || erases(changes)
}

function notGone(cause: unknown): VaultError {
  return new VaultError('unavailable', 'This was done, but is not out of every file yet. Ask again.', {
    cause,
  })
}

function appends(changes: readonly Change[]): boolean {
  return changes.some(({ type }) => type === 'event.append')
}
