import { VaultError, isVaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { MINUTE_MS } from '../../core/time.ts'
import { retireUnneeded } from '../../vault/keys/retire.ts'
import { listUnfinished, rotate } from '../../vault/keys/rotate.ts'
import type { RotationProgress } from '../../vault/keys/rotate.ts'
import type { Rotation, RotationLevel } from '../../vault/keys/rotation.ts'
import type { Vault } from '../../vault/vault.ts'
import type { KeyService } from './key-service.ts'
import { log } from './log.ts'

type Report = (progress: RotationProgress) => void
type Running = { done: Promise<Rotation>; reports: Set<Report> }

const RETIRE_EVERY_MS = MINUTE_MS

/** Rotations in one process: each runs once, whoever asks for it, and goes on after a stop. */
export class Rotations {
  readonly #vault: Vault
  readonly #keys: KeyService
  readonly #leads: () => boolean
  readonly #running = new Map<string, Running>()
  readonly #timer: NodeJS.Timeout

  /** @param leads whether it is this process's turn to retire what nothing names any more. */
  constructor(vault: Vault, keys: KeyService, leads: () => boolean = () => true) {
    this.#vault = vault
    this.#keys = keys
    this.#leads = leads
    this.#timer = setInterval(
      () => void this.#quietly('keys_retired', () => this.#retireAll()),
      RETIRE_EVERY_MS,
    )
    this.#timer.unref()
  }

  /**
   * Rotates one level for one tenant or for all; for `root` the key to rotate to was taken before, and all tenants follow.
   * @throws VaultError `sealed`; `not_found` for an unknown tenant.
   */
  async rotate(
    level: RotationLevel,
    tenant: TenantId | undefined,
    report: Report,
  ): Promise<readonly Rotation[]> {
    const tenants = (await this.#vault.store.listTenants()).map(({ id }) => id)
    if (tenant !== undefined && !tenants.includes(tenant))
      throw new VaultError('not_found', 'No such tenant.')
    const rotations: Rotation[] = []
    for (const one of tenant === undefined || level === 'root' ? tenants : [tenant]) {
      rotations.push(await this.#rotateOne(one, level, report))
    }
    if (level === 'root') await this.#keys.retireRootKeys()
    return rotations
  }

  /** Goes on with what a kill, a stop or a seal has left unfinished. Never throws: what fails is logged. */
  async resume(): Promise<void> {
    await this.#quietly('rotation_failed', async () => {
      if (await this.#keys.isBetweenRootKeys()) await this.rotate('root', undefined, () => undefined)
      for (const { id } of await this.#vault.store.listTenants()) {
        for (const { level } of await listUnfinished(this.#vault, id)) {
          await this.#rotateOne(id, level, () => undefined)
        }
      }
    })
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #rotateOne(tenant: TenantId, level: RotationLevel, report: Report): Promise<Rotation> {
    const name = `${tenant} ${level}`
    const running = this.#running.get(name) ?? this.#begin(name, tenant, level)
    running.reports.add(report)
    try {
      return await running.done
    } finally {
      running.reports.delete(report)
    }
  }

  #begin(name: string, tenant: TenantId, level: RotationLevel): Running {
    const reports = new Set<Report>()
    const tell: Report = (progress) => reports.forEach((report) => report(progress))
    const done = rotate(this.#vault, tenant, level, tell).finally(() => this.#running.delete(name))
    const running = { done, reports }
    this.#running.set(name, running)
    return running
  }

  async #retireAll(): Promise<void> {
    if (this.#keys.sealed || !this.#leads()) return
    for (const { id } of await this.#vault.store.listTenants()) await retireUnneeded(this.#vault, id)
  }

  async #quietly(event: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      // Sealed or stopped in the middle: it goes on after that.
      if (isVaultError(error, 'sealed') || isVaultError(error, 'shutting_down')) return
      log({ level: 'error', event, message: error instanceof Error ? error.message : String(error) })
    }
  }
}
