import { VaultError } from '../../../core/errors.ts'
import type { Secret } from '../../../core/secret.ts'
import type { RestoreOrder, Restored } from '../backup/restore.ts'
import type { Config } from '../config.ts'
import { useFastPrimitives } from '../primitives.ts'
import { requireNode } from '../sqlite.ts'
import { copyRows } from './copy.ts'
import { countRows, fingerprint } from './digest.ts'
import { isSamePlace, openSource, openTarget, parsePlace } from './places.ts'
import type { Place } from './places.ts'
import { prove } from './proof.ts'
import type { Proof } from './proof.ts'
import { restoreForMove } from './restored.ts'
import type { Source, Target } from './side.ts'

export type { LogProof, Proof, TableProof } from './proof.ts'
export type { Restored } from '../backup/restore.ts'

export type MoveOrder = {
  /** A data folder, a postgres:// URL, a backup file, or a tenant at the edge by its admin URL. */
  from: string
  /** A data folder or a postgres:// URL. */
  to: string
  /** How to restore a backup, and where on the way; its `file` is `from`. */
  restore?: Omit<RestoreOrder, 'file'>
  /** What opens a service at the edge to its operator. */
  adminSecret?: Secret<string>
  /** Copies nothing: only compares. */
  checkOnly?: boolean
  /** Rows a transaction at most; for tests. */
  maxRows?: number
}

export type MoveReport = {
  /** What comes now, and how many rows it is about. */
  stage(name: 'copying' | 'comparing', rows: number): void
  advanced(rows: number): void
  restored(restored: Restored): void
  /** A tenant at the edge is not served from here on, whatever becomes of the move. */
  atRest(tenant: string): void
  /** Before anything is published. */
  proven(proof: Proof): void
}

/**
 * Copies a whole store and compares both from end to end. The target cannot be served until they are found the same; after a kill the same
 * call goes on where it stopped. The source is not changed, and held until the end; a tenant at the edge stays at rest after it.
 * @param config where the root key is, which a backup is restored with; else it is not looked at.
 * @throws VaultError `invalid_request`, `not_found`, `data_folder_in_use`, `store_in_use`, `store_not_empty`, `move_source_changed`,
 *   `move_unfinished` for a source that is half a store, `state_conflict` for a tenant at the edge that was woken, `log_damaged` for one whose log is not whole, `move_differs`, and as
 *   `restoreBackup` and both engines' openings.
 */
export async function move(config: Config, order: MoveOrder, report: MoveReport): Promise<Proof> {
  requireNode(process.versions.node)
  await useFastPrimitives()
  const [from, to] = [parsePlace(order.from), parsePlace(order.to)]
  if (isSamePlace(from, to)) {
    throw new VaultError('invalid_request', 'Both are the same store: it is there already.')
  }
  if (order.checkOnly === true) return check(from, to, order, report)
  if (from.kind !== 'backup') return moveBetween(from, to, order, report)
  if (!order.restore) {
    throw new VaultError(
      'invalid_request',
      `${from.path} is a file. To move a backup, say --identity, and with --by-way-of a folder to restore it to.`,
    )
  }
  if (isSamePlace({ kind: 'folder', path: order.restore.folder }, to)) {
    throw new VaultError('invalid_request', 'To make a data folder of a backup, use `cloakroom restore`.')
  }
  const way = await restoreForMove(config, { ...order.restore, file: from.path })
  if (way.restored) report.restored(way.restored)
  const proof = await moveBetween({ kind: 'folder', path: way.folder }, to, order, report)
  await way.discard()
  return proof
}

async function moveBetween(from: Place, to: Place, order: MoveOrder, report: MoveReport): Promise<Proof> {
  const source = await openSource(from, order.adminSecret)
  try {
    const target = await openTarget(to)
    try {
      await source.hold()
      if (from.kind === 'object') report.atRest(source.name)
      return await fill(source, target, order, report)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function fill(source: Source, target: Target, order: MoveOrder, report: MoveReport): Promise<Proof> {
  const counts = await countRows(source)
  const progress = await target.begin(await fingerprint(source, counts))
  const all = sumOf(counts)
  report.stage('copying', all)
  if (progress) report.advanced(sumOf(await countRows(target)))
  await copyRows(source, target, progress, {
    ...(order.maxRows !== undefined && { maxRows: order.maxRows }),
    onRows: (rows) => report.advanced(rows),
  })
  report.stage('comparing', all)
  await target.beginProof()
  const proof = await prove(source, target, (rows) => report.advanced(rows))
  report.proven(proof)
  requireHolds(
    proof,
    `${target.name} does not hold what ${source.name} holds, and cannot be served. Empty it and begin anew.`,
  )
  await target.publish()
  return proof
}

/** Of two stores that are both there, such as after a move whose end nobody saw. */
async function check(from: Place, to: Place, { adminSecret }: MoveOrder, report: MoveReport): Promise<Proof> {
  const source = await openSource(from, adminSecret)
  try {
    const target = await openSource(to, adminSecret)
    try {
      report.stage('comparing', sumOf(await countRows(source)))
      const proof = await prove(source, target, (rows) => report.advanced(rows))
      report.proven(proof)
      requireHolds(proof, `${target.name} does not hold what ${source.name} holds.`)
      return proof
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, rows) => sum + rows, 0)
}

/** @throws VaultError `log_damaged`, `move_differs` */
function requireHolds({ holds, sourceFaults }: Proof, otherwise: string): void {
  if (holds) return
  if (sourceFaults.length > 0) {
    throw new VaultError('log_damaged', `The source is not whole: ${sourceFaults.join('; ')}.`)
  }
  throw new VaultError('move_differs', otherwise)
}
