// `npm run prove:<name>`: one promise at full size. The short form of the same proof runs in `npm test`.
import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ProofReport } from '../test/proofs/report.ts'

type Proof = { full: () => Promise<ProofReport> }

const ENDINGS: Readonly<Record<string, string>> = { sqlite: '.proof.ts', postgres: '.postgres.proof.ts' }

const folders = ['../test/proofs/', '../test/failover/'].map((path) => new URL(path, import.meta.url))
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: 'string', default: 'sqlite' } },
})
const [name = ''] = positionals
const ending = ENDINGS[values.engine]
const [file] = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((entry) => ending !== undefined && entry.endsWith(`-${name}${ending}`))
    .map((entry) => new URL(entry, folder)),
)
if (!file) {
  console.error(`prove: no proof named "${name}" on ${values.engine}`)
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
