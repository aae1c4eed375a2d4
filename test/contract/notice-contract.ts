import { expect, test } from 'vitest'
import { timedId } from '../../src/core/id.ts'
import { after } from '../../src/core/time.ts'
import type { Delivery, Notice } from '../../src/vault/incidents/notices/notice.ts'
import { ACME, AT, OTHER, newId, newTenant, random, storePerson } from '../storage/sample.ts'
import { outcome, stocked } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

function notice(more: Partial<Notice> = {}): Notice {
  return {
    id: timedId('ntc', random, AT),
    incident: timedId('inc', random, AT),
    audience: 'persons',
    jurisdiction: 'KR',
    channel: 'email',
    state: 'draft',
    draftedBy: newId.credential(),
    draftedAt: AT,
    editedBy: newId.credential(),
    approvedBy: null,
    approvedAt: null,
    seed: '00ff',
    cursor: 0,
    version: 1,
    ...more,
  }
}

const LATER = after(AT, 60_000)

/** A notice that is being sent, with these recipients. */
async function sending(openStore: OpenStore, recipients: readonly number[]) {
  const { store } = await stocked(openStore)
  const one = notice({ state: 'sending' })
  const rows = recipients.map((recipient) => ({ recipient, state: 'queued' }) as const)
  await store.commit(ACME, [
    { type: 'notice.insert', notice: one },
    { type: 'delivery.enrol', notice: one.id, rows, at: AT },
  ])
  return { store, one }
}

const QUEUED: Delivery = {
  recipient: 7,
  state: 'queued',
  attempts: 0,
  nextAt: AT,
  code: null,
  since: AT,
  at: AT,
}

export function noticeContract(openStore: OpenStore): void {
  test('a notice is put only over the version that was read, and is found as it was put', async () => {
    const { store } = await stocked(openStore)
    const first = notice()
    await store.commit(ACME, [{ type: 'notice.insert', notice: first }])
    expect(await store.findNotice(ACME, first.id)).toEqual(first)
    expect(await store.findNotice(OTHER, first.id)).toBeUndefined()
    const now: Notice = {
      ...first,
      state: 'approved',
      approvedBy: newId.credential(),
      approvedAt: AT,
      cursor: 9,
    }
    const put = { type: 'notice.put', notice: now, expectedVersion: 1 } as const
    expect(await outcome(store, [put])).toBe('kept')
    expect(await outcome(store, [put])).toBe('conflict')
    expect(await store.findNotice(ACME, first.id)).toEqual({ ...now, version: 2 })
  })

  test('notices are listed newest first, of one incident or of all, page by page', async () => {
    const { store } = await stocked(openStore)
    const { incident } = notice()
    const all = [notice({ incident }), notice(), notice({ incident }), notice({ incident })]
    all.sort((a, b) => (a.id < b.id ? 1 : -1))
    await store.commit(
      ACME,
      all.map((one) => ({ type: 'notice.insert', notice: one }) as const),
    )
    const own = all.filter((one) => one.incident === incident)
    const page = await store.listNotices(ACME, incident, { limit: 2 })
    expect(page).toEqual({ rows: own.slice(0, 2), next: own[1]!.id })
    const rest = await store.listNotices(ACME, incident, { limit: 2, after: page.next! })
    expect(rest).toEqual({ rows: own.slice(2), next: null })
    expect((await store.listNotices(ACME, null, { limit: 9 })).rows).toEqual(all)
  })

  test('notices with work left are found over all tenants, and only those', async () => {
    const { store } = await stocked(openStore)
    await store.commit(OTHER, newTenant(OTHER).changes)
    const [here, there] = [notice({ state: 'approved' }), notice({ state: 'sending' })]
    const idle = (['draft', 'sent', 'cancelled', 'omitted'] as const).map((state) => notice({ state }))
    await store.commit(
      ACME,
      [here, ...idle].map((one) => ({ type: 'notice.insert', notice: one }) as const),
    )
    await store.commit(OTHER, [{ type: 'notice.insert', notice: there }])
    const expected = [
      { tenant: ACME, id: here.id },
      { tenant: OTHER, id: there.id },
    ]
    expect((await store.listNoticesAtWork(9)).toSorted((a, b) => (a.tenant < b.tenant ? -1 : 1))).toEqual(
      expected,
    )
  })

  test('a recipient is enrolled once, and its row is found when its turn has come', async () => {
    const { store, one } = await sending(openStore, [7, 9])
    const again = {
      type: 'delivery.enrol',
      notice: one.id,
      rows: [{ recipient: 9, state: 'queued' }],
      at: AT,
    } as const
    expect(await outcome(store, [again])).toBe('conflict')
    expect(await store.nextDelivery(ACME, one.id)).toBe(AT)
    expect(await store.listDueDeliveries(ACME, one.id, after(AT, -1), 9)).toEqual([])
    expect(await store.listDueDeliveries(ACME, one.id, AT, 1)).toHaveLength(1)
    expect(await store.findDelivery(ACME, one.id, 7)).toEqual(QUEUED)
    expect(await store.findDelivery(OTHER, one.id, 7)).toBeUndefined()
    expect(await store.listDeliveries(ACME, one.id, 7, 9)).toEqual([{ ...QUEUED, recipient: 9 }])
  })

  test('of two that claim one attempt one has it, and nobody else until its time is over', async () => {
    const { store, one } = await sending(openStore, [7])
    const claim = {
      type: 'delivery.claim',
      notice: one.id,
      recipient: 7,
      attempts: 0,
      until: LATER,
      at: AT,
    } as const
    const both = await Promise.all([outcome(store, [claim]), outcome(store, [claim])])
    expect(both.toSorted()).toEqual(['conflict', 'kept'])
    expect(await store.listDueDeliveries(ACME, one.id, after(LATER, -1), 9)).toEqual([])
    expect(await store.listDueDeliveries(ACME, one.id, LATER, 9)).toEqual([
      { ...QUEUED, attempts: 1, nextAt: LATER },
    ])
  })

  test('what came of an attempt is noted once, and counted', async () => {
    const { store, one } = await sending(openStore, [7, 8])
    const delivery = { ...QUEUED, state: 'sent', nextAt: null, code: '250' } as const
    const settle = { type: 'delivery.settle', notice: one.id, delivery, from: 'queued' } as const
    const other = { ...settle, delivery: { ...delivery, attempts: 3 } }
    expect(await outcome(store, [other])).toBe('conflict')
    expect(await outcome(store, [settle])).toBe('kept')
    expect(await outcome(store, [settle])).toBe('conflict')
    expect(await store.findDelivery(ACME, one.id, 7)).toEqual(delivery)
    expect(await store.countDeliveries(ACME, one.id)).toEqual({ sent: 1, queued: 1 })
    expect(await store.findSentSpan(ACME, one.id)).toEqual({ first: AT, last: AT })
    expect(await store.findSentSpan(OTHER, one.id)).toBeUndefined()
  })

  test('no attempt begins once the notice is cancelled; one that was under way is still noted', async () => {
    const { store, one } = await sending(openStore, [7, 8])
    const claim = {
      type: 'delivery.claim',
      notice: one.id,
      recipient: 7,
      attempts: 0,
      until: LATER,
      at: AT,
    } as const
    expect(await outcome(store, [claim])).toBe('kept')
    const put = { type: 'notice.put', notice: { ...one, state: 'cancelled' }, expectedVersion: 1 } as const
    await store.commit(ACME, [put])
    expect(await outcome(store, [{ ...claim, recipient: 8 }])).toBe('conflict')
    const delivery = { ...QUEUED, state: 'sent', attempts: 1, nextAt: null } as const
    const settle = { type: 'delivery.settle', notice: one.id, delivery, from: 'queued' } as const
    expect(await outcome(store, [settle])).toBe('kept')
  })

  test('a person finds the notices that name it, and no addressee of the same number', async () => {
    const { store, world, person } = await stocked(openStore)
    const second = storePerson(world.merchant, 'customer-2')
    await store.commit(ACME, second.changes)
    const facts = await store.listPersonFacts(ACME, 0, 1_000_000)
    const numberOf = (id: string) => facts.find(({ subject }) => subject === id)!.person
    const [about, authority] = [
      notice({ state: 'sending' }),
      notice({ audience: 'authority', state: 'sending' }),
    ]
    const rows = [{ recipient: numberOf(person.subject.id), state: 'sent' } as const]
    for (const one of [about, authority]) {
      await store.commit(ACME, [
        { type: 'notice.insert', notice: one },
        { type: 'delivery.enrol', notice: one.id, rows, at: AT },
      ])
    }
    const found = await store.listNoticesTo(ACME, person.subject.id, 9)
    expect(found.map((row) => row.notice.id)).toEqual([about.id])
    expect(found[0]!.delivery).toMatchObject({ state: 'sent', nextAt: null })
    expect(await store.listNoticesTo(ACME, second.subject.id, 9)).toEqual([])
  })
}
