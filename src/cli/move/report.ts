import { toRfc3339 } from '../../core/time.ts'
import type { LogProof, MoveReport, Proof, TableProof } from '../../runtime/node/move/move.ts'
import type { Io } from '../command.ts'
import { showProgress } from '../verify/progress.ts'

/** What happens is said on the way; what was compared, at the end. */
export function reportTo({ stdout, stderr }: Io): { report: MoveReport; stop: () => void } {
  let [progress, done, all] = [showProgress(stderr, 'rows'), 0, 0]
  const report: MoveReport = {
    stage(name, rows) {
      progress.stop()
      stderr.write(`${name} ${rows} rows\n`)
      ;[progress, done, all] = [showProgress(stderr, 'rows'), 0, rows]
    },
    advanced(rows) {
      done += rows
      progress.at(done, Math.max(all, done))
    },
    restored({ manifest, replayed: { erased, revoked } }) {
      const state = `the state of ${toRfc3339(manifest.madeAt)}`
      stderr.write(`Restored: ${state}; ${erased} erasures and ${revoked} revocations done again.\n`)
    },
    atRest(tenant) {
      stderr.write(`At rest: ${tenant} refuses its calls from here on. DELETE ${tenant}/rest wakes it.\n`)
    },
    proven(proof) {
      progress.stop()
      stdout.write(textOf(proof))
    },
  }
  return { report, stop: () => progress.stop() }
}

function textOf({ tables, logs }: Proof): string {
  const lines = [...tables.flatMap(tableLines), ...logs.flatMap(logLines)]
  return lines.map((line) => `${line}\n`).join('')
}

function tableLines({ table, source, target, same }: TableProof): string[] {
  const line = (who: string, { rows, sha256 }: TableProof['source']) =>
    `${who} ${table.padEnd(17)}${String(rows).padStart(10)} rows  ${sha256}`
  if (same) return [line('same    ', source)]
  return [line('DIFFERS ', source), line('     to:', target)]
}

function logLines({ tenant, source, target, same }: LogProof): string[] {
  const line = (who: string, log: LogProof['source']) => {
    if (!log) return `${who} log of ${tenant}: none`
    const covered = log.covered === null ? 'no checkpoint' : `checkpoint at ${log.covered}`
    const faults = log.faults.map((said) => `; ${said}`).join('')
    return `${who} log of ${tenant}: ${log.size} events, root ${log.root}, ${covered}${faults}`
  }
  if (same) return [line('same    ', source)]
  return [line('DIFFERS ', source), line('     to:', target)]
}
