import { VaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { MINUTE_MS, SECOND_MS, toRfc3339 } from '../../core/time.ts'
import type { Job } from '../../vault/jobs.ts'
import { retireUnneeded } from '../../vault/keys/retire.ts'
import { beginRotation, goOnRotating } from '../../vault/keys/rotate.ts'
import type { Rotation, RotationLevel } from '../../vault/keys/rotation.ts'
import type { Vault } from '../../vault/vault.ts'
import type { AdminCall, Outcome } from './administer.ts'

// What `cloakroom keys rotate` does on Node. The root key is none of it: it is in the bindings, one at a time.

export type RotationCall = { type: 'rotate'; level: Exclude<RotationLevel, 'root'> } | { type: 'rotations' }

export function isRotationCall(call: AdminCall): call is RotationCall {
  return call.type === 'rotate' || call.type === 'rotations'
}

/** @throws VaultError `not_found`, `sealed`, `conflict` */
export async function answerRotation(vault: Vault, tenant: TenantId, call: RotationCall): Promise<Outcome> {
  if (!(await vault.store.findTenant(tenant))) throw new VaultError('not_found', 'No such tenant.')
  if (call.type === 'rotate') {
    return { ok: true, status: 202, body: wireRotation(await beginRotation(vault, tenant, call.level)) }
  }
  const rotations = await vault.store.listRotations(tenant)
  return { ok: true, status: 200, body: { tenant, rotations: rotations.map(wireRotation) } }
}

/** `done` rows of as many as there were at the start: what came in meanwhile has the new key by itself. */
function wireRotation({ level, target, state, done, total, startedAt, finishedAt }: Rotation) {
  return {
    level,
    target,
    state,
    done,
    total,
    started_at: toRfc3339(startedAt),
    finished_at: finishedAt === null ? null : toRfc3339(finishedAt),
  }
}

/** Of each rotation at an alarm: a second or so of work, far from what the platform lets a call take. */
const STEPS_AN_ALARM = 50

/** Each step is a commit, after which the next alarm is set: a rotation goes on until it is through. */
export const ROTATION_JOBS: readonly Job[] = [
  {
    name: 'rotations',
    everyMs: SECOND_MS / 2,
    run: (vault) => ofEach(vault, (tenant) => goOnRotating(vault, tenant, STEPS_AN_ALARM)),
  },
  {
    name: 'keys_retired',
    everyMs: MINUTE_MS,
    run: (vault) => ofEach(vault, (tenant) => retireUnneeded(vault, tenant)),
  },
]

async function ofEach(vault: Vault, work: (tenant: TenantId) => Promise<void>): Promise<void> {
  for (const { id } of await vault.store.listTenants()) await work(id)
}
