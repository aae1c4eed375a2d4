import { VaultError, isVaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import type { Change } from '../changes.ts'
import type { Vault } from '../vault.ts'
import { keyEvent } from './key-event.ts'
import { retireUnneeded } from './retire.ts'
import type { Rotation, RotationLevel } from './rotation.ts'
import type { KeyKind } from './tenant-key.ts'
import { walkingOf } from './walks.ts'

/** Where a rotation is: rows changed, of as many as there were at its start. */
export type RotationProgress = { tenant: TenantId; level: RotationLevel; done: number; total: number }

type Report = (progress: RotationProgress) => void

/** Somebody else's commits come in between; one that never stops failing is a fault and not a race. */
const MAX_CONFLICTS = 1_000

/**
 * Rotates one level of one tenant's keys, or goes on with the rotation that is under way. Reads and writes go on beside it.
 * Each step is a commit of its own, with the place where it stands: a kill at any point loses at most one step's work.
 * @throws VaultError `sealed` when the vault is sealed before it is done: it goes on after that.
 */
export async function rotate(
  vault: Vault,
  tenant: TenantId,
  level: RotationLevel,
  report: Report = () => undefined,
): Promise<Rotation> {
  return goOn(vault, tenant, await beginRotation(vault, tenant, level), { report })
}

/**
 * Begins a rotation, and leaves its steps to `goOnRotating`; one of this level that is under way stays as it is.
 * @throws VaultError `sealed`, `conflict`
 */
export async function beginRotation(vault: Vault, tenant: TenantId, level: RotationLevel): Promise<Rotation> {
  return (await runningRotation(vault, tenant, level)) ?? start(vault, tenant, level)
}

/**
 * Goes on with each rotation of the tenant's that is under way, for so many steps of each.
 * @throws VaultError as `rotate`.
 */
export async function goOnRotating(vault: Vault, tenant: TenantId, maxSteps: number): Promise<void> {
  for (const rotation of await listUnfinished(vault, tenant)) {
    await goOn(vault, tenant, rotation, { maxSteps })
  }
}

/** Those that a kill, a stop or a seal has left unfinished. */
export async function listUnfinished(vault: Vault, tenant: TenantId): Promise<readonly Rotation[]> {
  const rotations = await vault.store.listRotations(tenant)
  return rotations.filter(({ state }) => state === 'running')
}

async function runningRotation(
  vault: Vault,
  tenant: TenantId,
  level: RotationLevel,
): Promise<Rotation | undefined> {
  return (await listUnfinished(vault, tenant)).find((rotation) => rotation.level === level)
}

/** The new version is there and in use from this commit on. */
async function start(vault: Vault, tenant: TenantId, level: RotationLevel): Promise<Rotation> {
  const { target, changes } = await firstChanges(vault, tenant, level)
  const rotation: Rotation = {
    level,
    target,
    state: 'running',
    steps: 0,
    cursor: 0,
    again: false,
    done: 0,
    total: await totalOf(vault, tenant, level),
    startedAt: vault.clock.now(),
    finishedAt: null,
  }
  const counts = countsOf(rotation)
  const event = keyEvent(vault, tenant, 'key.rotation_started', { code: level, counts })
  await vault.store.commit(tenant, [...changes, { type: 'rotation.start', rotation }, event])
  await vault.keyring.refresh(tenant)
  return rotation
}

async function firstChanges(
  vault: Vault,
  tenant: TenantId,
  level: RotationLevel,
): Promise<{ target: string; changes: readonly Change[] }> {
  if (level === 'root') return { target: vault.keyring.rootKeyId, changes: [] }
  if (level === 'data') return { target: '', changes: [] }
  return newPrimary(vault, tenant, level)
}

async function newPrimary(vault: Vault, tenant: TenantId, kind: KeyKind) {
  // A kind that the tenant does not have yet is made first.
  await vault.keyring.refresh(tenant)
  const versions = (await vault.store.listTenantKeys(tenant)).filter((record) => record.kind === kind)
  const primary = versions.find(({ state }) => state === 'primary')
  if (!primary) throw new VaultError('key_unknown', 'The tenant has no primary key.', { detail: kind })
  const version = Math.max(...versions.map((record) => record.version)) + 1
  const key = await vault.keyring.newVersion(tenant, { kind, version }, vault.random, vault.clock.now())
  const changes: readonly Change[] = [
    { type: 'tenant_key.demote', kind, version: primary.version },
    { type: 'tenant_key.insert', key },
  ]
  return { target: String(version), changes }
}

async function totalOf(vault: Vault, tenant: TenantId, level: RotationLevel): Promise<number> {
  if (level === 'root') return (await vault.store.listTenantKeys(tenant)).length
  if (!walkingOf(level)) return 0
  const counts = await vault.store.countKeyUses(tenant)
  if (level === 'index') return counts.indexRows
  return level === 'note' ? counts.houseNotes : counts.dataKeys
}

type Going = { report?: Report; maxSteps?: number }

async function goOn(
  vault: Vault,
  tenant: TenantId,
  started: Rotation,
  { report = () => undefined, maxSteps = Number.POSITIVE_INFINITY }: Going,
): Promise<Rotation> {
  let rotation = started
  for (let conflicts = 0, steps = 0; rotation.state === 'running'; steps++) {
    if (steps >= maxSteps) return rotation
    report({ tenant, level: rotation.level, done: rotation.done, total: rotation.total })
    try {
      rotation = await step(vault, tenant, rotation)
      conflicts = 0
    } catch (error) {
      if (!isVaultError(error, 'conflict') || ++conflicts > MAX_CONFLICTS) throw error
      // Somebody was erased, corrected, or somebody else has made this step: read again.
      const now = (await vault.store.listRotations(tenant)).find(({ level }) => level === rotation.level)
      if (!now) throw error
      rotation = now
    }
  }
  await vault.keyring.refresh(tenant)
  await retireUnneeded(vault, tenant)
  report({
    tenant,
    level: rotation.level,
    done: rotation.done,
    total: Math.max(rotation.done, rotation.total),
  })
  return rotation
}

async function step(vault: Vault, tenant: TenantId, rotation: Rotation): Promise<Rotation> {
  const { level, cursor, steps } = rotation
  const walking = walkingOf(level)
  const taken = await walking?.walk(vault, tenant, cursor, walking.rows)
  if (!taken || taken.cursor === null) return endOfWalk(vault, tenant, rotation)
  const next: Rotation = {
    ...rotation,
    steps: steps + 1,
    cursor: taken.cursor,
    again: rotation.again || (walking?.untilClean === true && taken.changed > 0),
    done: rotation.done + taken.changed,
  }
  await vault.store.commit(tenant, [...taken.changes, stepOf(next, steps)])
  return next
}

async function endOfWalk(vault: Vault, tenant: TenantId, rotation: Rotation): Promise<Rotation> {
  const { level, steps } = rotation
  if (rotation.again) {
    const next: Rotation = { ...rotation, steps: steps + 1, cursor: 0, again: false }
    await vault.store.commit(tenant, [stepOf(next, steps)])
    return next
  }
  const finishedAt = vault.clock.now()
  const next: Rotation = { ...rotation, state: 'done', steps: steps + 1, finishedAt }
  const event = keyEvent(vault, tenant, 'key.rotated', { code: level, counts: countsOf(next) })
  await vault.store.commit(tenant, [stepOf(next, steps), event])
  return next
}

function stepOf(rotation: Rotation, expectedSteps: number): Change {
  return { type: 'rotation.step', rotation, expectedSteps }
}

/** Rows, and of a kind with versions the new one. */
function countsOf({ level, target, done }: Rotation): Record<string, number> {
  const version = level === 'root' || level === 'data' ? {} : { version: Number(target) }
  return { rows: done, ...version }
}
