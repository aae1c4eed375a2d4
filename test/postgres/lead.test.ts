import { afterEach, describe, expect, test } from 'vitest'
import { writerOf } from '../../src/runtime/node/postgres.ts'
import { seekLead } from '../../src/runtime/node/postgres-lead.ts'
import type { Lead } from '../../src/runtime/node/postgres-lead.ts'
import { inside, newPlace, openAt, removePlace } from './opened.ts'
import type { Place } from './opened.ts'

const TAKE_OVER_MS = 5_000

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function seekers(count: number): Promise<{ place: Place; leads: Lead[] }> {
  const place = newPlace()
  open.push(() => removePlace(place))
  await (await openAt(place)).close()
  const leads = Array.from({ length: count }, () => seekLead(writerOf(place.url, place.options)))
  open.push(...leads.map((lead) => () => lead.stop()))
  return { place, leads }
}

function leading(leads: readonly Lead[]): Lead[] {
  return leads.filter((lead) => lead.leads())
}

async function oneLeads(leads: readonly Lead[]): Promise<Lead> {
  await expect.poll(() => leading(leads).length, { timeout: TAKE_OVER_MS }).toBe(1)
  return leading(leads)[0]!
}

describe('the lead', () => {
  test('is one process’s, and another’s within five seconds once that one has stopped', async () => {
    const { leads } = await seekers(3)
    const first = await oneLeads(leads)
    await first.stop()
    const rest = leads.filter((lead) => lead !== first)
    expect(await oneLeads(rest)).not.toBe(first)
    expect(first.leads()).toBe(false)
  })

  test('goes to somebody within five seconds when its connection is lost', async () => {
    const { place, leads } = await seekers(2)
    await oneLeads(leads)
    const { rowCount } = await inside(place, (client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_locks
         where locktype = 'advisory' and objid = hashtext($1)::oid and objsubid = 2 and granted`,
        [place.options.schema],
      ),
    )
    expect(rowCount).toBe(1)
    await expect.poll(() => leading(leads).length).toBe(0)
    await oneLeads(leads)
  })

  test('of another vault in the same database is another lead', async () => {
    const [one, other] = [await seekers(1), await seekers(1)]
    await oneLeads(one.leads)
    await oneLeads(other.leads)
  })
})
