import { createHash } from 'node:crypto'
import { SECOND_MS } from '../../core/time.ts'
import { WitnessRounds } from '../../vault/log/witnesses.ts'
import type { WitnessSet, WitnessWatcher } from '../../vault/log/witnesses.ts'
import type { WitnessTransport } from '../../vault/log/witness-visit.ts'
import type { Vault } from '../../vault/vault.ts'
import { log } from './log.ts'

/** Figures on witnesses; no ids. */
export type WitnessMetrics = {
  witnessVisited(witness: string, outcome: string): void
  /** Whether some log is known to have been longer, or another, than this store has it. */
  setRolledBack(isRolledBack: boolean): void
}

export type Witnessing = {
  isRolledBack(): boolean
  /** Breaks off what is under way. */
  stop(): Promise<void>
}

/** Looks for new checkpoints this often; they are made every half second at most. */
const TURN_EVERY_MS = 250
const ANSWER_WITHIN_MS = 2 * SECOND_MS
/** A size, a few signature lines, or a signed checkpoint. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Takes checkpoints to the witnesses until stopped. Without witnesses it does nothing. */
export function startWitnessing(
  vault: Vault,
  set: WitnessSet | undefined,
  metrics: WitnessMetrics,
): Witnessing {
  metrics.setRolledBack(false)
  if (!set) return { isRolledBack: () => false, stop: () => Promise.resolve() }
  const stopping = new AbortController()
  const watcher = watcherOn(metrics)
  const transport = httpTransport(stopping.signal)
  const elapsedMs = () => performance.now()
  const rounds = new WitnessRounds({ vault, set, transport, watcher, elapsedMs })
  let turn: Promise<void> | undefined
  const timer = setInterval(() => {
    turn ??= rounds
      .turn()
      .catch((error: unknown) => watcher.failed(error))
      .finally(() => (turn = undefined))
  }, TURN_EVERY_MS)
  timer.unref()
  return {
    isRolledBack: () => rounds.isRolledBack,
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await turn
      await rounds.settled()
    },
  }
}

function watcherOn(metrics: WitnessMetrics): WitnessWatcher {
  return {
    visited({ tenant, witness, outcome, changed }) {
      metrics.witnessVisited(witness, outcome)
      if (!changed) return
      const isWell = outcome === 'cosigned' || outcome === 'overtaken'
      log({ level: isWell ? 'info' : 'warn', event: 'witness', tenant, witness, outcome })
    },
    rolledBack({ tenant, witness, proven }) {
      metrics.setRolledBack(true)
      log({
        level: 'error',
        event: 'log_rolled_back',
        code: 'log_rolled_back',
        tenant,
        witness,
        proven,
        message:
          'A witness knows a history of this log that the store does not have: the store was rolled back, or its log was changed. Stop the service and see docs/witness.md.',
      })
    },
    failed(error) {
      const message = error instanceof Error ? error.message : String(error)
      log({ level: 'error', event: 'witness_visit_failed', message })
    },
  }
}

/** c2sp.org/tlog-witness over fetch, which keeps connections. Redirects are not followed. */
export function httpTransport(stopping: AbortSignal): WitnessTransport {
  return {
    addCheckpoint: (url, request) =>
      ask(stopping, `${url}/add-checkpoint`, { method: 'POST', body: request }),
    async latest(url, origin) {
      const hash = createHash('sha256').update(origin).digest('hex')
      const answer = await ask(stopping, `${url}/checkpoint/${hash}`, {})
      return answer?.status === 200 ? answer.body : undefined
    },
  }
}

async function ask(
  stopping: AbortSignal,
  address: string,
  init: RequestInit,
): Promise<{ status: number; body: string } | undefined> {
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_WITHIN_MS)])
    const response = await fetch(address, { ...init, redirect: 'error', signal })
    const body = await readText(response)
    return body === undefined ? undefined : { status: response.status, body }
  } catch {
    // Not reached, too late, broken off: the witness gave no answer, whatever the cause.
    return undefined
  }
}

/** @returns undefined as soon as there is more than an answer can be. */
async function readText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}
