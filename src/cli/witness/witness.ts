import { VaultError } from '../../core/errors.ts'
import { SECOND_MS } from '../../core/time.ts'
import { parseCheckpoint } from '../../tlog/checkpoint.ts'
import { addSignatureLines, cosign, verifyCosignature } from '../../tlog/cosignature.ts'
import { formatNote, isBy, parseNote } from '../../tlog/note.ts'
import type { Signer, Verifier } from '../../tlog/note.ts'
import { judgeCheckpoint, parseAddCheckpoint } from '../../tlog/witness.ts'
import type { AddCheckpoint, Seen, WitnessVerdict } from '../../tlog/witness.ts'
import { originHash } from './state.ts'
import type { WitnessState } from './state.ts'

/** `type` is the media type; without it, plain text. */
export type Answer = { status: number; type?: string; body: string }

/** Something about a log that its owner should look into: the note is evidence, signed by the log itself. */
export type Suspicion = { origin: string; status: number; reason: string; note: string }

export type WitnessParts = {
  signer: Signer
  /** The keys that are trusted for each origin. */
  logs: ReadonlyMap<string, readonly Verifier[]>
  state: WitnessState
  /** Milliseconds since the Unix epoch. */
  nowMs: () => number
  suspect: (suspicion: Suspicion) => void
}

type Kept = Seen & { note: string; cosignedAtS: number }

/** c2sp.org/tlog-witness: the type of the answer that carries the size which the witness has. */
const SIZE_TYPE = 'text/x.tlog.size'

/** One witness of c2sp.org/tlog-witness, but for the socket. */
export class Witness {
  readonly #parts: WitnessParts
  readonly #origins: ReadonlyMap<string, string>
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(parts: WitnessParts) {
    this.#parts = parts
    this.#origins = new Map([...parts.logs.keys()].map((origin) => [originHash(origin), origin]))
  }

  /** Reads all that it should remember. @throws VaultError `log_damaged` for what it cannot: better no witness than one that forgot. */
  async check(): Promise<void> {
    for (const origin of this.#parts.logs.keys()) await this.#kept(origin)
  }

  /** The answer to POST add-checkpoint. What is cosigned is remembered, durably, before this resolves. */
  async addCheckpoint(text: string): Promise<Answer> {
    const request = parseAddCheckpoint(text)
    const origin = request && parseCheckpoint(parseNote(request.note)?.text ?? '')?.origin
    if (!request || origin === undefined) return refusal(400, 'not a request of c2sp.org/tlog-witness')
    const { logs } = this.#parts
    if (!logs.has(origin)) return answerOf(judgeCheckpoint(request, logs, undefined))
    return this.#inTurn(origin, () => this.#judge(origin, request))
  }

  /** @returns the latest checkpoint that was cosigned, with this witness's line; undefined for a log without one. */
  async latest(hash: string): Promise<string | undefined> {
    const origin = this.#origins.get(hash)
    return origin === undefined ? undefined : (await this.#kept(origin))?.note
  }

  /** One after the other for each log, so that comparing and remembering are one step. */
  async #inTurn<T>(origin: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(origin) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#turns.set(origin, mine)
    return mine
  }

  async #judge(origin: string, request: AddCheckpoint): Promise<Answer> {
    const kept = await this.#kept(origin)
    const verdict = judgeCheckpoint(request, this.#parts.logs, kept)
    if (verdict.status === 200) return this.#cosign(origin, request.note, kept)
    if (isSuspicious(verdict, request)) {
      const { status, reason } = verdict
      this.#parts.suspect({ origin, status, reason, note: request.note })
    }
    return answerOf(verdict)
  }

  async #cosign(origin: string, note: string, kept: Kept | undefined): Promise<Answer> {
    const { signer, state, nowMs } = this.#parts
    // A clock that was set back must not make a later statement look like the earlier one.
    const atS = Math.max(Math.floor(nowMs() / SECOND_MS), kept?.cosignedAtS ?? 0)
    const line = await cosign(note, signer, atS)
    await state.keep(origin, addSignatureLines(this.#onlyTrusted(origin, note), line))
    return { status: 200, body: line }
  }

  /** What strangers put under a checkpoint is not worth keeping. */
  #onlyTrusted(origin: string, note: string): string {
    const { text = '', signatures = [] } = parseNote(note) ?? {}
    const keys = this.#parts.logs.get(origin) ?? []
    return formatNote({
      text,
      signatures: signatures.filter((signature) => keys.some((key) => isBy(signature, key))),
    })
  }

  async #kept(origin: string): Promise<Kept | undefined> {
    const note = await this.#parts.state.find(origin)
    if (note === undefined) return undefined
    const checkpoint = parseCheckpoint(parseNote(note)?.text ?? '')
    const cosignedAtS = verifyCosignature(note, this.#parts.signer.verifier)
    if (checkpoint?.origin !== origin || cosignedAtS === undefined) {
      throw new VaultError(
        'log_damaged',
        `What the state folder holds of ${origin} is not a checkpoint that this witness cosigned: the file is damaged, or another witness's.`,
        { detail: originHash(origin) },
      )
    }
    return { size: checkpoint.size, root: checkpoint.root, note, cosignedAtS }
  }
}

/** Signed by the log, and it does not go on from what the log had signed before. A mere 409 of another old size is no sign. */
function isSuspicious(
  verdict: WitnessVerdict,
  { oldSize }: AddCheckpoint,
): verdict is Exclude<WitnessVerdict, { status: 200 }> {
  return verdict.status === 422 || (verdict.status === 409 && verdict.size === oldSize)
}

function answerOf(verdict: WitnessVerdict): Answer {
  if (verdict.status === 409) return { status: 409, type: SIZE_TYPE, body: `${verdict.size}\n` }
  return refusal(verdict.status, verdict.status === 200 ? '' : verdict.reason)
}

function refusal(status: number, reason: string): Answer {
  return { status, body: `${reason}\n` }
}
