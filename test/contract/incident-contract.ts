import { expect, test } from 'vitest'
import { after, instant } from '../../src/core/time.ts'
import { timedId } from '../../src/core/id.ts'
import type { IncidentId } from '../../src/core/id.ts'
import type { Incident } from '../../src/vault/incidents/incident.ts'
import { sealEvent } from '../../src/vault/audit/event.ts'
import type { AuditEvent } from '../../src/vault/audit/event.ts'
import type { Change } from '../../src/vault/changes.ts'
import { ACME, AT, OTHER, newId, newTenant, random } from '../storage/sample.ts'
import { opened, outcome, stocked } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

function incident(more: Partial<Incident> = {}): Incident {
  return {
    id: timedId('inc', random, AT),
    kind: 'insider',
    state: 'open',
    severity: null,
    awareAt: AT,
    occurredFrom: null,
    occurredTo: AT,
    suspects: { credentials: [], parties: [], operators: [], devices: [], subjects: [], keys: [] },
    containment: [],
    facts: {},
    clocks: [],
    counted: { at: AT, persons: null, classes: [] },
    checkAt: null,
    steps: [{ step: 'opened', at: AT, event: newId.event(), code: 'insider' }],
    openedAt: AT,
    version: 1,
    ...more,
  }
}

/** A leaf that can be read: these reads give it as text. */
function append(more: Partial<AuditEvent> = {}): Change {
  const event: AuditEvent = { id: newId.event(), at: AT, type: 'mask.shown', actor: 'party', ...more }
  return { type: 'event.append', event: sealEvent(ACME, event, random) }
}

const RUNNING: Incident['containment'] = [
  { action: 'revoke_grants', state: 'running', begunAt: AT, cursor: 3, counts: { grants: 2 }, parties: [] },
]

export function incidentContract(openStore: OpenStore): void {
  test('an incident is put only over the version that was read, and is found as it was put', async () => {
    const { store } = await stocked(openStore)
    const first = incident()
    const id = first.id
    await store.commit(ACME, [{ type: 'incident.insert', incident: first }])
    expect(await store.findIncident(ACME, id)).toEqual(first)
    expect(await store.findIncident(OTHER, id)).toBeUndefined()
    const now = {
      ...first,
      state: 'assessing',
      severity: 'high',
      occurredFrom: AT,
      containment: RUNNING,
      facts: { persons: { 'US-CA': 3 }, circumstances: { encrypted: true }, assessedAt: AT },
      clocks: [{ rule: 'eu-gdpr-34', kind: 'waived', at: AT, event: newId.event(), exemption: 'encrypted' }],
      counted: { at: AT, persons: { DE: 2, unknown: 1 }, classes: ['name'] },
      checkAt: after(AT, 1),
    } as const
    const put = { type: 'incident.put', incident: now, expectedVersion: 1 } as const
    expect(await outcome(store, [put])).toBe('kept')
    expect(await outcome(store, [put])).toBe('conflict')
    expect(await store.findIncident(ACME, id)).toEqual({ ...now, version: 2 })
  })

  test('incidents with work left are found over all tenants, and only those', async () => {
    const { store } = await stocked(openStore)
    const [busy, idle] = [incident({ containment: RUNNING }), incident()]
    await store.commit(ACME, [
      { type: 'incident.insert', incident: busy },
      { type: 'incident.insert', incident: idle },
    ])
    expect(await store.listContaining(10)).toEqual([{ tenant: ACME, id: busy.id }])
  })

  test('incidents are found when their clocks are to be looked at, the soonest first, until they are closed', async () => {
    const { store } = await stocked(openStore)
    const at = (ms: number) => after(AT, ms)
    const [late, soon, closed] = [incident({ checkAt: at(9) }), incident({ checkAt: at(1) }), incident()]
    const inserts = [late, soon, closed].map((one) => ({ type: 'incident.insert', incident: one }) as const)
    await store.commit(ACME, inserts)
    const [first, second] = [
      { tenant: ACME, id: soon.id, at: at(1) },
      { tenant: ACME, id: late.id, at: at(9) },
    ]
    expect(await store.listChecks(10)).toEqual([first, second])
    expect(await store.listChecks(1)).toEqual([first])
    const put = { type: 'incident.put', incident: { ...soon, checkAt: null }, expectedVersion: 1 } as const
    await store.commit(ACME, [put])
    expect(await store.listChecks(10)).toEqual([second])
  })

  test('incidents are listed newest first, page by page', async () => {
    const { store } = await stocked(openStore)
    const all = [incident(), incident(), incident()].toSorted((a, b) => (a.id < b.id ? 1 : -1))
    await store.commit(
      ACME,
      all.map((one) => ({ type: 'incident.insert', incident: one }) as const),
    )
    const page = await store.listIncidents(ACME, { limit: 2 })
    expect(page).toEqual({ rows: all.slice(0, 2), next: all[1]!.id })
    expect(await store.listIncidents(ACME, { limit: 2, after: page.next! })).toEqual({
      rows: all.slice(2),
      next: null,
    })
  })

  test('a hold counts from its commit on, once for each incident, until that one lets go', async () => {
    const { store, world } = await stocked(openStore)
    const suspect = world.merchant
    const [one, two] = [incident().id, incident().id]
    const asked = [suspect, newId.credential()]
    expect(await store.findHolds(ACME, asked, AT)).toEqual([])
    const hold = { type: 'hold.put', holder: one, suspects: [suspect], mode: 'stop', until: null } as const
    await store.commit(ACME, [hold, hold, { ...hold, holder: two }])
    const by = (holder: IncidentId) => ({ suspect, holder, mode: 'stop', until: null })
    expect(new Set(await store.findHolds(ACME, asked, AT))).toEqual(new Set([by(one), by(two)]))
    expect(await store.findHolds(OTHER, asked, AT)).toEqual([])
    expect(await outcome(store, [{ type: 'expect.unheld', suspects: asked, at: AT }])).toBe('conflict')
    await store.commit(ACME, [{ type: 'hold.lift', holder: one }])
    expect(await store.findHolds(ACME, asked, AT)).toEqual([by(two)])
    await store.commit(ACME, [{ type: 'hold.lift', holder: two }])
    expect(await store.findHolds(ACME, asked, AT)).toEqual([])
    expect(await outcome(store, [{ type: 'expect.unheld', suspects: asked, at: AT }])).toBe('kept')
  })

  test('a yes that was read before a hold does not stand after it', async () => {
    const { store, world } = await stocked(openStore)
    const suspects = [world.merchant]
    const mark = store.mark(ACME)
    await store.commit(ACME, [
      { type: 'hold.put', holder: incident().id, suspects, mode: 'stop', until: null },
    ])
    const rests = store.commit(ACME, [{ type: 'expect.unheld', suspects, at: AT }], mark)
    await expect(rests).rejects.toMatchObject({ code: 'conflict' })
  })

  test('notes are found by what they are about', async () => {
    const { store } = await stocked(openStore)
    const { id: about } = incident()
    const note = { type: 'note.insert', about, subject: null, sealed: random(40), at: AT } as const
    await store.commit(ACME, [note])
    expect(await store.listNotesAbout(ACME, about)).toEqual([{ sealed: note.sealed, at: AT }])
    expect(await store.listNotesAbout(ACME, incident().id)).toEqual([])
  })

  test('the log is gone through by party, by person and whole, and never a neighbour’s', async () => {
    const { store, world, person } = await stocked(openStore)
    const other = newTenant(OTHER)
    await store.commit(OTHER, [...other.changes, append()])
    const party = world.merchant
    const subject = person.subject.id
    const { size } = await store.logHead(ACME)
    await store.commit(ACME, [append({ party }), append({ subject }), append({ party, subject }), append()])
    const always = { from: null, to: null }
    const indexes = async (scan: object, after = size - 1, limit = 100) => {
      const { rows, next } = await store.scanEvents(ACME, { ...always, ...scan }, after, limit)
      return [rows.map(({ index }) => index - size), next === null ? null : next - size]
    }
    expect(await indexes({})).toEqual([[0, 1, 2, 3], null])
    expect(await indexes({ party })).toEqual([[0, 2], null])
    expect(await indexes({ subject })).toEqual([[1, 2], null])
    expect(await indexes({}, size - 1, 2)).toEqual([[0, 1], 1])
    expect(await indexes({}, size + 1, 2)).toEqual([[2, 3], 3])
    const late = { from: instant(AT + 7_200_000), to: null }
    expect((await store.scanEvents(ACME, late, -1, 10)).rows).toEqual([])
  })

  test('events are gone through person by person, and go on within one', async () => {
    const { store, person } = await stocked(openStore)
    const subject = person.subject.id
    await store.commit(ACME, [append({ subject }), append({ subject }), append()])
    const all = await store.scanByPerson(ACME, { person: 0, index: 0 }, 100)
    expect(all.length).toBeGreaterThanOrEqual(2)
    expect(new Set(all.map((row) => row.person)).size).toBe(1)
    const [first] = all
    const from = { person: first!.person!, index: first!.index }
    expect(await store.scanByPerson(ACME, from, 100)).toEqual(all.slice(1))
    expect(await store.scanByPerson(OTHER, { person: 0, index: 0 }, 100)).toEqual([])
  })

  test('persons are counted under what they are, and the erased under nothing', async () => {
    const { store, person } = await stocked(openStore)
    const { id, version } = person.subject
    await store.commit(ACME, [append({ subject: id })])
    const [first] = await store.scanByPerson(ACME, { person: 0, index: 0 }, 1)
    const no = first!.person!
    const known = { locale: 'zh-CN', jurisdiction: 'CN', canary: false }
    const facts = { person: no, subject: id, state: 'active', ...known }
    expect(await store.listPersonFacts(ACME, no, no)).toEqual([facts])
    expect(await store.listPersonFacts(OTHER, no, no)).toEqual([])
    await store.commit(ACME, [
      { type: 'tokens.retire', subject: id, party: null, expected: 4, at: AT },
      { type: 'subject.erase', id, expectedVersion: version, at: AT },
    ])
    const erased = { ...facts, state: 'erased', locale: null, jurisdiction: null }
    expect(await store.listPersonFacts(ACME, no, no)).toEqual([erased])
    expect(await store.listCopiedKeys(ACME, 0, 10)).toEqual([
      { ...erased, keyVersion: 1, createdAt: AT, erasedAt: AT },
    ])
    expect(await store.listCopiedKeys(ACME, no, 10)).toEqual([])
  })

  test('an incident needs its tenant', async () => {
    const { store } = await opened(openStore)
    expect(await outcome(store, [{ type: 'incident.insert', incident: incident() }])).toBe('not_found')
  })
}
