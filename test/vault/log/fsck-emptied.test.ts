import type Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../../scripts/seeded.ts'
import { DAY_MS } from '../../../src/core/time.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { cleanUp } from '../../../src/vault/retention/clean.ts'
import { openHarness } from '../../http/harness.ts'
import type { Harness } from '../../http/harness.ts'
import { BusyTenant } from './busy-tenant.ts'
import { check, insideStore, verifierOfLog } from './inspected.ts'
import type { Checked } from './inspected.ts'
import { run, whileTampered } from './tampering.ts'
import type { Tamper } from './tampering.ts'

let harness: Harness
let client: Database.Database
let checked: () => Promise<Checked>
beforeAll(async () => {
  const engine = insideStore()
  harness = await openHarness(engine)
  client = engine.inside().client
  const busy = await BusyTenant.open(harness, 'acme', seeded(3))
  const round = async () => {
    await busy.act(150)
    await integrateLogs(harness.vault)
    harness.pass(400 * DAY_MS)
    await cleanUp(harness.vault)
    await integrateLogs(harness.vault)
  }
  for (let i = 0; i < 6; i++) await round()
  const verifiers = [await verifierOfLog(harness.vault, busy.tenant)]
  checked = () => check({ reader: engine.inside().reader(), verifiers })
})
afterAll(() => harness.close())

async function codesAfter(tamper: Tamper): Promise<string[]> {
  const { findings } = await whileTampered(client, tamper, checked)
  return [...new Set(findings.map(({ code }) => code))].sort()
}

const EMPTIED = `(select min(place) from events where type = '')`
const KEPT = `(select max(place) from events where type = 'reveal.allowed')`
const EMPTY = `type = '', bytes = x'', subject_salt = null, person = null, party = null`

describe('a log whose old events retention has emptied', () => {
  test('gives no finding: the tree stands, and what nobody can say any more is not asked', async () => {
    const emptied = Number(client.prepare(`select count(*) from events where type = ''`).pluck().get())
    expect(emptied).toBeGreaterThan(100)
    expect((await checked()).findings).toEqual([])
  })

  test('shows an event that somebody else emptied', async () => {
    expect(await codesAfter(run(`update events set ${EMPTY} where place = ${KEPT}`))).toEqual([
      'event_emptied',
    ])
  })

  test('shows one that is empty only by half, and a hash that is not what was signed', async () => {
    expect(await codesAfter(run(`update events set party = 'mer_x' where place = ${EMPTIED}`))).toEqual([
      'column_differs',
    ])
    const found = await codesAfter(run(`update events set leaf_hash = zeroblob(32) where place = ${EMPTIED}`))
    expect(found).toEqual(['root_differs', 'tile_differs'])
    expect(await codesAfter(run(`update events set leaf_hash = x'00' where place = ${EMPTIED}`))).toContain(
      'leaf_differs',
    )
  })

  test('still shows what was done to younger state past the log', async () => {
    const youngest = `(select max(no) from grants where revoked_at is null)`
    expect(
      await codesAfter(
        run(`update grants set revoked_at = ${Date.parse('2099-01-01')} where no = ${youngest}`),
      ),
    ).toEqual(['grant_state'])
  })
})
