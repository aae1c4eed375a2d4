import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wipe } from '../backup/copy.ts'

/** Where a drill's own vault lies: for its owner alone, and gone when the drill ends, however it ends. */
export type Scratch = { path: string; data: string; keys: string; remove(): Promise<void> }

const EXIT_INTERRUPTED = 130
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function makeScratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'cloakroom-drill-'))
  const interrupted = () => {
    rmSync(path, { recursive: true, force: true })
    process.exit(EXIT_INTERRUPTED)
  }
  for (const signal of SIGNALS) process.once(signal, interrupted)
  const data = join(path, 'data')
  return {
    path,
    data,
    keys: join(path, 'keys'),
    async remove() {
      for (const signal of SIGNALS) process.removeListener(signal, interrupted)
      await wipeAll(data)
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** A copy of a real vault is as secret as the vault. */
async function wipeAll(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) await wipe(join(folder, entry.name))
  }
}
