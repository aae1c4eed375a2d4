import type { TenantId } from '../../core/id.ts'
import { MINUTE_MS } from '../../core/time.ts'
import { countCosignatures, takeCosignatures, verifyCosignature } from '../../tlog/cosignature.ts'
import type { WitnessPolicy } from '../../tlog/cosignature.ts'
import type { Vault } from '../vault.ts'
import type { LogState } from './log.ts'
import { visitWitness } from './witness-visit.ts'
import type { Submission, VisitOutcome, Visited, Witness, WitnessTransport } from './witness-visit.ts'

/** A checkpoint counts as witnessed once `quorum` of these have cosigned it. */
export type WitnessSet = { quorum: number; witnesses: readonly Witness[] }

export type WitnessWatcher = {
  /** After each visit. `changed` if the one before ended otherwise, or there was none. */
  visited(visit: { tenant: TenantId; witness: string; outcome: VisitOutcome; changed: boolean }): void
  /** Once for a log: witnesses know a history of it that this store does not have. */
  rolledBack(found: { tenant: TenantId; witness: string; proven: boolean }): void
  /** The visit could not be made or its result not be kept; it is made again. */
  failed(error: unknown): void
}

export type RoundsParts = {
  vault: Vault
  set: WitnessSet
  transport: WitnessTransport
  watcher: WitnessWatcher
  /** Milliseconds that only go forward: from any moment on. */
  elapsedMs: () => number
}

/** One checkpoint on its way round the witnesses. All get the same one: cosignatures of different ones do not add up. */
type Round = {
  submission: Submission
  /** With the lines so far. */
  note: string
  by: Set<Witness>
  isWitnessed: boolean
}

/** What is known of one witness of one log. */
type Line = {
  witness: Witness
  isBusy: boolean
  known: number
  last: VisitOutcome | undefined
  failures: number
  notBeforeMs: number
}

type Watch = { lines: readonly Line[]; round: Round | undefined; isRolledBack: boolean }

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = MINUTE_MS

/**
 * Takes each log's checkpoints to the witnesses and keeps those that enough of them cosigned. What a witness does or says
 * stops neither the log nor a reveal. A log that is found to be rolled back is submitted no more: who keeps the service has
 * to look into it, and starts it anew.
 */
export class WitnessRounds {
  readonly #parts: RoundsParts
  readonly #policy: WitnessPolicy
  readonly #watches = new Map<TenantId, Watch>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(parts: RoundsParts) {
    this.#parts = parts
    const { witnesses, quorum } = parts.set
    this.#policy = { witnesses: witnesses.map(({ verifier }) => verifier), quorum }
  }

  /** Whether some log's witnesses know a history that this store does not have. */
  get isRolledBack(): boolean {
    return [...this.#watches.values()].some((watch) => watch.isRolledBack)
  }

  /** Starts whatever visits are due, and does not wait for them. To be called again and again, not beside itself. */
  async turn(): Promise<void> {
    const { store } = this.#parts.vault
    for (const { id } of await store.listTenants()) {
      const log = await store.findLog(id)
      if (log) this.#turnOf(id, log)
    }
  }

  /** Resolves when no visit is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #turnOf(tenant: TenantId, log: LogState): void {
    const watch = this.#watches.get(tenant) ?? this.#watchOf(log)
    this.#watches.set(tenant, watch)
    if (watch.isRolledBack) return
    const round = isOver(watch, log) ? roundOf(log) : (watch.round ?? roundOf(log))
    watch.round = round
    const now = this.#parts.elapsedMs()
    for (const line of watch.lines) {
      if (line.isBusy || round.by.has(line.witness) || now < line.notBeforeMs) continue
      const visit = this.#visit(tenant, watch, round, line)
      this.#underWay.add(visit)
      void visit.finally(() => this.#underWay.delete(visit))
    }
  }

  #watchOf({ cosigned }: LogState): Watch {
    const lines = this.#parts.set.witnesses.map((witness): Line => {
      const isKnown = cosigned !== null && verifyCosignature(cosigned.note, witness.verifier) !== undefined
      const known = isKnown ? cosigned.size : 0
      return { witness, isBusy: false, known, last: undefined, failures: 0, notBeforeMs: 0 }
    })
    return { lines, round: undefined, isRolledBack: false }
  }

  /** Never rejects. */
  async #visit(tenant: TenantId, watch: Watch, round: Round, line: Line): Promise<void> {
    const { vault, transport, watcher, elapsedMs } = this.#parts
    const { witness, known } = line
    line.isBusy = true
    try {
      const visited = await visitWitness({
        vault,
        transport,
        tenant,
        witness,
        known,
        submission: round.submission,
      })
      if (visited.outcome === 'cosigned') await this.#keep(tenant, watch, round, line, visited.lines)
      this.#note(tenant, line, visited.outcome)
      if (visited.outcome === 'other_history') this.#weigh(tenant, watch, line, visited)
    } catch (error) {
      line.failures++
      watcher.failed(error)
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (line.failures - 1), LONGEST_PAUSE_MS)
    line.notBeforeMs = line.failures > 0 ? elapsedMs() + pauseMs : 0
    line.isBusy = false
  }

  #note(tenant: TenantId, line: Line, outcome: VisitOutcome): void {
    const isWell = outcome === 'cosigned' || outcome === 'overtaken'
    line.failures = isWell ? 0 : line.failures + 1
    const changed = line.last !== outcome
    line.last = outcome
    this.#parts.watcher.visited({ tenant, witness: line.witness.verifier.name, outcome, changed })
  }

  async #keep(tenant: TenantId, watch: Watch, round: Round, line: Line, lines: string): Promise<void> {
    const { size } = round.submission
    line.known = size
    // A slow one's line for a checkpoint that others have long left behind is of no use any more.
    if (watch.round !== round || watch.isRolledBack) return
    round.note = takeCosignatures(round.note, lines, [line.witness.verifier]).note
    if (countCosignatures(round.note, this.#policy) >= this.#policy.quorum) {
      await this.#parts.vault.store.commit(tenant, [{ type: 'log.cosign', size, note: round.note }])
      round.isWitnessed = true
    }
    round.by.add(line.witness)
  }

  /**
   * One that shows a checkpoint which this log's own key signed is right. Otherwise it takes the word of as many as leave
   * too few for the quorum: fewer may lie, and the checkpoints go on being witnessed without them.
   */
  #weigh(
    tenant: TenantId,
    watch: Watch,
    line: Line,
    { proven }: Visited & { outcome: 'other_history' },
  ): void {
    const { witnesses, quorum } = this.#parts.set
    const saying = watch.lines.filter(({ last }) => last === 'other_history').length
    if (watch.isRolledBack || (!proven && saying <= witnesses.length - quorum)) return
    watch.isRolledBack = true
    this.#parts.watcher.rolledBack({ tenant, witness: line.witness.verifier.name, proven })
  }
}

/** A newer checkpoint takes over when this one is witnessed, or nobody is asked about it any more. */
function isOver({ round, lines }: Watch, log: LogState): boolean {
  if (!round || log.size <= round.submission.size) return false
  return round.isWitnessed || !lines.some(({ isBusy }) => isBusy)
}

function roundOf({ origin, size, checkpoint, cosigned }: LogState): Round {
  // After a start the lines that are kept already must not be lost for those of a few.
  const note = cosigned?.size === size ? cosigned.note : checkpoint
  return { submission: { origin, size, checkpoint }, note, by: new Set(), isWitnessed: false }
}
