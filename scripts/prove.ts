// `npm run prove:<name>`: one promise at full size. The short form of the same proof runs in `npm test`.
import { readdirSync } from 'node:fs'
import type { ProofReport } from '../test/proofs/report.ts'

type Proof = { full: () => Promise<ProofReport> }

const folders = ['../test/proofs/', '../test/failover/'].map((path) => new URL(path, import.meta.url))
const name = process.argv[2] ?? ''
const [file] = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((entry) => entry.endsWith(`-${name}.proof.ts`))
    .map((entry) => new URL(entry, folder)),
)
if (!file) {
  console.error(`prove: no proof named "${name}"`)
  process.exit(2)
}
const proof = (await import(file.href)) as Proof
const started = performance.now()
const report = await proof.full()
const held = report.failures.length === 0 && report.control.found > 0
console.table({ ...report.figures, seconds: ((performance.now() - started) / 1000).toFixed(1) })
for (const failure of report.failures.slice(0, 100)) console.error(`failed: ${failure}`)
console.log(`negative control (${report.control.broken}): found ${report.control.found}`)
console.log(held ? `${name}: holds` : `${name}: DOES NOT HOLD`)
process.exit(held ? 0 : 1)
