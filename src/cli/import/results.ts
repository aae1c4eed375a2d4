import { existsSync } from 'node:fs'
import { VaultError } from '../../core/errors.ts'
import type { Tokens } from './answer.ts'
import type { Batch } from './batch.ts'
import { checkSameJob, newJournal, readJournal, removeJournal, writeJournal } from './journal.ts'
import type { Job, JournalState, Progress } from './journal.ts'
import { OutputFile } from './outputs.ts'
import type { Row } from './read-rows.ts'
import type { Outcomes } from './send.ts'

const TOKENS_HEADER = ['order_ref', 'name', 'phone', 'email', 'address']
/** Without it the rejects of a GB18030 export, corrected and imported, would be taken for GB18030. */
const UTF8_MARK = '\ufeff'

/** A save waits for the disk three times; a resume asks again for what came after the last one, and gets it replayed. */
const BATCHES_PER_SAVE = 4

export type Paths = { tokens: string; rejects: string }

export type Layout = { columns: readonly string[]; markRejects: boolean }

function toTokenRecord(ref: string, { name = '', phone = '', email = '', address = '' }: Tokens): string[] {
  return [ref, name, phone, email, address]
}

function toRejectRecord({ line, cells }: Row, width: number, reason: string): string[] {
  const padding = Array.from({ length: Math.max(0, width - cells.length) }, () => '')
  return [...cells, ...padding, String(line), reason]
}

function sortOut({ entries }: Batch, outcomes: Outcomes, width: number) {
  const tokens: string[][] = []
  const rejects: string[][] = []
  let rejected = 0
  for (const entry of entries) {
    const outcome = 'order' in entry ? outcomes.get(entry.order.ref) : { refused: entry.refusal }
    if ('order' in entry && outcome !== undefined && 'tokens' in outcome) {
      tokens.push(toTokenRecord(entry.order.ref, outcome.tokens))
    } else {
      const reason = outcome !== undefined && 'refused' in outcome ? outcome.refused : 'refused'
      rejects.push(...entry.rows.map((row) => toRejectRecord(row, width, reason)))
      rejected += 1
    }
  }
  return { tokens, rejects, rejected, imported: tokens.length }
}

export function journalPath({ tokens }: Paths): string {
  return `${tokens}.progress`
}

/**
 * The journal to go on from: that of the same job, or a new one, which is on disk before anything else is.
 * @throws VaultError `state_conflict` when outputs stand there that no journal accounts for, or another job's does.
 */
async function openJournal(paths: Paths, job: Job, overwrite: boolean): Promise<JournalState> {
  const path = journalPath(paths)
  const begun = overwrite ? undefined : await readJournal(path)
  if (begun !== undefined) {
    checkSameJob(path, begun, job)
    return begun
  }
  const inTheWay = [paths.tokens, paths.rejects].find((file) => existsSync(file))
  if (inTheWay !== undefined && !overwrite) {
    throw new VaultError('state_conflict', `${inTheWay} exists already. Remove it, or use --overwrite.`)
  }
  const state = newJournal(job)
  await writeJournal(path, state)
  return state
}

/**
 * The two outputs and the journal over them. After a crash at any point the next `open` cuts the outputs back to what
 * the journal says, so that every entry stands in exactly one of them, once.
 */
export class Results implements AsyncDisposable {
  readonly #path: string
  readonly #tokens: OutputFile
  readonly #rejects: OutputFile
  readonly #saved: JournalState
  #progress: Progress
  #unsaved = 0

  private constructor(path: string, tokens: OutputFile, rejects: OutputFile, state: JournalState) {
    this.#path = path
    this.#tokens = tokens
    this.#rejects = rejects
    this.#saved = state
    this.#progress = state.progress
  }

  static async open(paths: Paths, job: Job, overwrite: boolean): Promise<Results> {
    const state = await openJournal(paths, job, overwrite)
    const { tokensBytes, rejectsBytes } = state.progress
    const tokens = await OutputFile.openAt(paths.tokens, tokensBytes)
    const rejects = await OutputFile.openAt(paths.rejects, rejectsBytes)
    return new Results(journalPath(paths), tokens, rejects, state)
  }

  get runId(): string {
    return this.#saved.runId
  }

  get progress(): Progress {
    return this.#progress
  }

  async writeHeaders({ columns, markRejects }: Layout): Promise<void> {
    if (this.#tokens.length === 0) await this.#tokens.append([TOKENS_HEADER])
    if (this.#rejects.length > 0) return
    await this.#rejects.append([[...columns, 'line', 'reason']], markRejects ? UTF8_MARK : '')
  }

  /** Durable some batches later: until then a crash takes the batch back, whole. */
  async write(batch: Batch, outcomes: Outcomes, width: number): Promise<void> {
    const { tokens, rejects, imported, rejected } = sortOut(batch, outcomes, width)
    if (tokens.length > 0) await this.#tokens.append(tokens)
    if (rejects.length > 0) await this.#rejects.append(rejects)
    this.#progress = {
      done: this.#progress.done + batch.entries.length,
      imported: this.#progress.imported + imported,
      rejected: this.#progress.rejected + rejected,
      tokensBytes: this.#tokens.length,
      rejectsBytes: this.#rejects.length,
    }
    if (++this.#unsaved >= BATCHES_PER_SAVE) await this.#save()
  }

  /** Everything is in the outputs: there is nothing to go on from any more. */
  async finish(): Promise<void> {
    await this.#save()
    await removeJournal(this.#path)
  }

  /** Durable once resolved: both outputs first, then the journal. */
  async #save(): Promise<void> {
    await Promise.all([this.#tokens.sync(), this.#rejects.sync()])
    await writeJournal(this.#path, { ...this.#saved, progress: this.#progress })
    this.#unsaved = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tokens[Symbol.asyncDispose]()
    await this.#rejects[Symbol.asyncDispose]()
  }
}
