import { equalBytes } from '../../core/bytes.ts'
import type { TenantId } from '../../core/id.ts'
import { openCheckpoint } from '../../tlog/checkpoint.ts'
import type { Checkpoint } from '../../tlog/checkpoint.ts'
import { takeCosignatures } from '../../tlog/cosignature.ts'
import { ed25519Signer } from '../../tlog/note.ts'
import type { Verifier } from '../../tlog/note.ts'
import { consistencyProof, rootFromTiles } from '../../tlog/tree.ts'
import { formatAddCheckpoint } from '../../tlog/witness.ts'
import type { Vault } from '../vault.ts'
import type { LogState } from './log.ts'
import { tileReader } from './tiles.ts'

/** A witness of c2sp.org/tlog-witness: where it is, without a slash at the end, and the key it cosigns with. */
export type Witness = { url: string; verifier: Verifier }

export type WitnessAnswer = { status: number; body: string }

/**
 * How witnesses are reached. Nothing that comes from there is believed. It gives up after seconds, takes no long body, and
 * never throws.
 */
export type WitnessTransport = {
  /** POST add-checkpoint. @returns undefined if no whole answer came in time. */
  addCheckpoint(url: string, request: string): Promise<WitnessAnswer | undefined>
  /** @returns the latest checkpoint that the witness cosigned for the origin; undefined if it shows none. */
  latest(url: string, origin: string): Promise<string | undefined>
}

/**
 * How a visit ended. `other_history`: the witness says that it has cosigned something that this log does not go on from.
 * `overtaken`: it has cosigned a later checkpoint of this log already, by way of another node.
 */
export type VisitOutcome =
  | 'cosigned'
  | 'overtaken'
  | 'no_answer'
  | 'unknown_log'
  | 'key_refused'
  | 'refused'
  | 'nonsense'
  | 'bad_signature'
  | 'other_history'

export type Visited =
  | { outcome: 'cosigned'; lines: string }
  /** `proven` if the witness showed a checkpoint that this log's own key has signed. */
  | { outcome: 'other_history'; proven: boolean }
  | { outcome: Exclude<VisitOutcome, 'cosigned' | 'other_history'> }

/** What is submitted: the log's own signed note, without anybody's cosignature. */
export type Submission = Pick<LogState, 'origin' | 'size' | 'checkpoint'>

type Asked = {
  vault: Vault
  transport: WitnessTransport
  tenant: TenantId
  witness: Witness
  submission: Submission
  /** The size that the witness is believed to have cosigned last. */
  known: number
}

/** One to learn the size, one with it, and one more if somebody else submitted in between. */
const MAX_ATTEMPTS = 3

/** Submits a checkpoint to a witness, with a proof from whatever size it has. @throws only as the store does. */
export async function visitWitness(asked: Asked): Promise<Visited> {
  const { transport, witness, submission } = asked
  let oldSize = Math.min(asked.known, submission.size)
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const answer = await transport.addCheckpoint(witness.url, await requestFrom(asked, oldSize))
    if (!answer) return { outcome: 'no_answer' }
    if (answer.status === 200) return take(submission, witness, answer.body)
    if (answer.status === 422) return otherHistory(asked, oldSize)
    if (answer.status !== 409) return { outcome: outcomeOf(answer.status) }
    const has = parseSize(answer.body)
    if (has === undefined) return { outcome: 'nonsense' }
    if (has > submission.size || (has === oldSize && has === submission.size)) return otherHistory(asked, has)
    if (has === oldSize) return { outcome: 'nonsense' }
    oldSize = has
  }
  return { outcome: 'nonsense' }
}

async function requestFrom({ vault, tenant, submission }: Asked, oldSize: number): Promise<string> {
  const { size, checkpoint } = submission
  const proof = await consistencyProof(oldSize, size, tileReader(vault.store, tenant))
  return formatAddCheckpoint({ oldSize, proof, note: checkpoint })
}

function take({ checkpoint }: Submission, { verifier }: Witness, body: string): Visited {
  const { by } = takeCosignatures(checkpoint, body, [verifier])
  return by.length > 0 ? { outcome: 'cosigned', lines: body } : { outcome: 'bad_signature' }
}

function outcomeOf(status: number): 'unknown_log' | 'key_refused' | 'refused' {
  if (status === 404) return 'unknown_log'
  return status === 403 ? 'key_refused' : 'refused'
}

/** c2sp.org/tlog-witness: the size in decimal, and a newline. */
function parseSize(body: string): number | undefined {
  const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(body)?.[1]
  return size === undefined || !Number.isSafeInteger(Number(size)) ? undefined : Number(size)
}

/** The witness will not go on from what it has, which it says is `has` leaves. */
async function otherHistory(asked: Asked, has: number): Promise<Visited> {
  const { vault, transport, tenant, witness, submission } = asked
  const log = await vault.store.findLog(tenant)
  if (log && has > submission.size && has <= log.size) return { outcome: 'overtaken' }
  const shown = await transport.latest(witness.url, submission.origin)
  const keys = shown === undefined ? [] : await ownVerifiers(vault, tenant, submission.origin)
  const own = keys.flatMap((key) => openCheckpoint(shown ?? '', key) ?? [])
  const proofs = await Promise.all(own.map((checkpoint) => isOfAnotherHistory(vault, tenant, checkpoint)))
  return { outcome: 'other_history', proven: proofs.includes(true) }
}

/** A witness cannot make one up: nobody but this log has the key. */
async function ownVerifiers(vault: Vault, tenant: TenantId, origin: string): Promise<readonly Verifier[]> {
  const { log } = await vault.keyring.tenantKeys(tenant)
  return log.all.map(({ key }) => ed25519Signer(origin, 1, key.material.exposeSecret()).verifier)
}

async function isOfAnotherHistory(vault: Vault, tenant: TenantId, shown: Checkpoint): Promise<boolean> {
  const log = await vault.store.findLog(tenant)
  if (!log || shown.size > log.size) return true
  return !equalBytes(await rootFromTiles(shown.size, tileReader(vault.store, tenant)), shown.root)
}
