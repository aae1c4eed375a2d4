import { seeded } from '../../scripts/seeded.ts'
import type { Verifier } from '../../src/tlog/note.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { publicCheckpoint } from '../../src/vault/log/proofs.ts'
import { openHarness } from '../http/harness.ts'
import { BusyTenant } from '../vault/log/busy-tenant.ts'
import { check, insideStore, verifierOfLog } from '../vault/log/inspected.ts'

/** How many things happen at most in one log; in every fiftieth, so many that its tree has a second level. */
const ACTS = 12
const MANY_ACTS = 300
const MANY_EACH = 50

export type CleanLogs = { logs: number; events: number; alarms: string[] }

/** Logs of all lengths and kinds, each a tenant's, some with events that no checkpoint covers yet: none is to be complained of. */
export async function cleanLogs(count: number): Promise<CleanLogs> {
  const engine = insideStore()
  const harness = await openHarness(engine)
  const next = seeded(400)
  const verifiers: Verifier[] = []
  const witnessed: string[] = []
  try {
    for (let i = 0; i < count; i++) {
      const busy = await BusyTenant.open(harness, `tenant-${i}`, next)
      const acts = i % MANY_EACH === 1 ? MANY_ACTS : Math.floor(next() * ACTS)
      await busy.act(acts)
      await integrateLogs(harness.vault)
      verifiers.push(await verifierOfLog(harness.vault, busy.tenant))
      witnessed.push(await publicCheckpoint(harness.vault, busy.tenant))
      await busy.act(Math.floor(next() * ACTS))
      if (next() < 0.8) await integrateLogs(harness.vault)
    }
    const { findings, counts } = await check({ reader: engine.inside().reader(), verifiers, witnessed })
    const alarms = findings.map(({ tenant, code, id }) => `clean log of ${tenant}: ${code} ${id}`)
    return { logs: counts.tenants, events: counts.events, alarms }
  } finally {
    await harness.close()
  }
}
