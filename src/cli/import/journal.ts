import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { VaultError } from '../../core/errors.ts'

/** What must be the same for one import to go on where another stopped. */
export type Job = {
  size: number
  sha256: string
  format: string
  url: string
  party: string
  linkability: string
}

/** How far an import has come. Whatever it says was in the outputs, durably, before it was said. */
export type Progress = {
  /** Entries of the export, orders and broken rows alike, that are in the outputs. */
  done: number
  imported: number
  rejected: number
  tokensBytes: number
  rejectsBytes: number
}

export type JournalState = { version: 1; runId: string; job: Job; progress: Progress }

const START: Progress = { done: 0, imported: 0, rejected: 0, tokensBytes: 0, rejectsBytes: 0 }
const RUN_ID_BYTES = 16

export function newJournal(job: Job): JournalState {
  return { version: 1, runId: randomBytes(RUN_ID_BYTES).toString('base64url'), job, progress: START }
}

/** The file's size and digest, read once through: a change anywhere in it is seen. */
export async function identify(file: string): Promise<Pick<Job, 'size' | 'sha256'>> {
  const hash = createHash('sha256')
  let size = 0
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file)
  for await (const chunk of chunks) {
    hash.update(chunk)
    size += chunk.length
  }
  return { size, sha256: hash.digest('hex') }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** @returns undefined when there is none: no import stopped half-way. */
export async function readJournal(path: string): Promise<JournalState | undefined> {
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as JournalState
    if (state.version === 1) return state
  } catch (error) {
    if (isMissing(error)) return undefined
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new VaultError('state_conflict', `${path} cannot be read. Begin anew with --overwrite.`)
}

const DIFFERENCES: Readonly<Record<keyof Job, string>> = {
  size: 'the export has changed',
  sha256: 'the export has changed',
  format: '--format is another',
  url: '--url is another',
  party: '--party is another',
  linkability: '--linkability is another',
}

/** @throws VaultError `state_conflict` when the journal was kept by another job than this one. */
export function checkSameJob(path: string, { job: begun }: JournalState, job: Job): void {
  const keys = Object.keys(DIFFERENCES) as (keyof Job)[]
  const different = keys.find((key) => begun[key] !== job[key])
  if (different === undefined) return
  throw new VaultError(
    'state_conflict',
    `An import is half-way here (${path}), and ${DIFFERENCES[different]}. ` +
      'Finish it with what it was begun with, or begin anew with --overwrite.',
  )
}

async function syncPath(path: string): Promise<void> {
  await using handle = await open(path)
  await handle.sync()
}

/** All or nothing: after a crash at any point the old state or the new one stands there, whole. */
export async function writeJournal(path: string, state: JournalState): Promise<void> {
  const next = `${path}.new`
  {
    await using handle = await open(next, 'w', 0o600)
    await handle.writeFile(JSON.stringify(state))
    await handle.sync()
  }
  await rename(next, path)
  await syncPath(dirname(path))
}

export async function removeJournal(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}.new`, { force: true })
}
