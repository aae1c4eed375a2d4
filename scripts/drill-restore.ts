// `npm run drill:restore`: a whole loss and restore in a folder of its own, with made-up people; what it prints was checked.
// With `-- FILE --identity KEYFILE [--newer-log …]` it restores a backup of yours into a folder that is removed again, so
// that you know that it can be done, how long it takes and how much would be lost. The root key is found as by `cloakroom serve`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prove } from '../test/proofs/p20-restore.proof.ts'
import { LAUNCHER } from './demo/service.ts'

const DRILL = {
  canaries: 100,
  neighbours: 50,
  callers: 8,
  damage: { samples: 200, step: 8 },
  kills: 2,
}

async function ownStory(): Promise<number> {
  const { figures, failures, control } = await prove(DRILL, LAUNCHER)
  console.table(figures)
  for (const failure of failures) console.error(`failed: ${failure}`)
  console.log(`negative control (${control.broken}): found ${control.found}`)
  const held = failures.length === 0 && control.found > 0
  console.log(held ? `Restored: RPO ${figures['RPO']}, RTO ${figures['RTO']}.` : 'The drill FAILED.')
  return held ? 0 : 1
}

/** The copy is the vault itself: it lies in a folder of the owner alone, and goes whatever happens. */
function yourBackup(args: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-drill-'))
  try {
    const command = [LAUNCHER, 'restore', ...args, '--to', join(folder, 'restored')]
    const { status } = spawnSync(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'] })
    console.log(status === 0 ? 'The drill succeeded. What it restored is removed.' : 'The drill FAILED.')
    return status ?? 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const args = process.argv.slice(2)
process.exitCode = args.length === 0 ? await ownStory() : yourBackup(args)
