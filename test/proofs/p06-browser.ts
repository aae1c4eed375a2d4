import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { EvidenceBundle } from '../../src/tlog/evidence.ts'

export type Work = {
  vkey: string
  bundles: readonly EvidenceBundle[]
  /** Leaf in base64, and the proof that the service gave for it. */
  proofs: readonly { leaf: string; proof: string }[]
}

/** What the files of tlog said where nothing of Node is. */
export type InBrowser = {
  /** Codes of the faults of each bundle. */
  faults: string[][]
  /** Whether each proof verifies. */
  proved: boolean[]
  /** Every file that was loaded for it. */
  loaded: string[]
}

/** In a process of its own: the modules of `node:vm` have to be switched on. */
export async function verifyInBrowser(work: Work): Promise<InBrowser> {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const page = join(import.meta.dirname, 'p06-page.ts')
  const child = spawn(process.execPath, [...flags, page], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(work))
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (code !== 0) throw new Error(`the check in the place of a browser ended with ${String(code)}`)
  return JSON.parse(said) as InBrowser
}
