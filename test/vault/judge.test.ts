import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Token } from '../../src/core/id.ts'
import { PURPOSES } from '../../src/core/purpose.ts'
import { after, instant } from '../../src/core/time.ts'
import { FIELDS, FIELD_NAMES } from '../../src/vault/fields/registry.ts'
import type { FieldName } from '../../src/vault/fields/registry.ts'
import { PURPOSE_FIELDS, deliveryGrant, standingGrant } from '../../src/vault/grants/defaults.ts'
import type { Grant } from '../../src/vault/grants/grant.ts'
import type { Subject } from '../../src/vault/records/record.ts'
import { judge } from '../../src/vault/reveal/judge.ts'
import type { Asked } from '../../src/vault/reveal/judge.ts'
import { STAGES } from '../../src/vault/shipments/shipment.ts'
import type { Shipment, Stage } from '../../src/vault/shipments/shipment.ts'
import { viewsAt } from '../../src/vault/shipments/stage-views.ts'
import type { TokenRecord } from '../../src/vault/tokens/token.ts'

const NOW = instant(Date.UTC(2026, 10, 23, 12))
const HOUR = 3_600_000

const subject: Subject = {
  id: 'sub_1',
  owner: 'platform',
  externalRef: 'u-1',
  locale: 'zh-Hans',
  jurisdiction: 'CN',
  state: 'active',
  version: 1,
  createdAt: NOW,
  updatedAt: NOW,
  erasedAt: null,
}

function token(field: FieldName, over: Partial<TokenRecord> = {}): TokenRecord {
  return {
    token: `tok_${field}` as Token,
    party: 'mer_1',
    subject: 'sub_1',
    field,
    linkability: 'week',
    window: '2026-W48',
    issuedAt: NOW,
    expiresAt: after(NOW, HOUR),
    retiredAt: null,
    ...over,
  }
}

function shipmentAt(stage: Stage, ageMs = 0): Shipment {
  const recipient = { name: 'tok_name', phone: 'tok_phone', address: 'tok_address' } as const
  return {
    id: 'shp_1',
    merchant: 'mer_1',
    courier: 'cou_1',
    order: 'ord_1',
    waybill: 'wb_1',
    subject: 'sub_1',
    grant: 'grt_1',
    recipient,
    tokensExpireAt: null,
    tokensRetiredAt: null,
    stage,
    stageAt: after(NOW, -ageMs),
    version: 1,
    createdAt: NOW,
  }
}

const courierGrant: Grant = deliveryGrant(
  'grt_1',
  { subject: 'sub_1', courier: 'cou_1', shipment: 'shp_1' },
  NOW,
)

function scan(over: Partial<Asked> = {}, stage: Stage = 'out_for_delivery'): Asked {
  return {
    purpose: 'delivery',
    subject,
    stop: undefined,
    tokens: [token('name'), token('phone'), token('address')],
    present: ['name', 'phone', 'address'],
    grants: [courierGrant],
    stage: viewsAt(shipmentAt(stage), NOW) ?? 'closed',
    wanted: ['name', 'phone', 'address'],
    ...over,
  }
}

function views(asked: Asked) {
  const decision = judge(asked, NOW)
  if (!decision.allowed) return decision.code
  return Object.fromEntries([...decision.fields].map(([field, { view, reason }]) => [field, reason ?? view]))
}

describe('a courier sees what the present leg calls for', () => {
  test.each([
    ['created', { name: 'masked', phone: 'stage', address: 'city' }],
    ['picked_up', { name: 'masked', phone: 'stage', address: 'city' }],
    ['in_transit', { name: 'masked', phone: 'stage', address: 'district' }],
    ['at_station', { name: 'masked', phone: 'masked', address: 'street' }],
    ['out_for_delivery', { name: 'surname', phone: 'full', address: 'full' }],
    ['delivered', { name: 'masked', phone: 'masked', address: 'street' }],
    ['returned', 'shipment_closed'],
    ['cancelled', 'shipment_closed'],
    ['closed', 'shipment_closed'],
  ] as const)('%s', (stage, seen) => {
    expect(views(scan({}, stage))).toEqual(seen)
  })

  test('for 48 hours after the delivery, to the millisecond', () => {
    const at = (ageMs: number) => viewsAt(shipmentAt('delivered', ageMs), NOW) !== undefined
    expect([at(48 * HOUR - 1), at(48 * HOUR), at(48 * HOUR + 1)]).toEqual([true, false, false])
  })
})

describe('default is no: each missing condition has its own reason', () => {
  test.each([
    ['no grant', { grants: [] }, 'grant_missing'],
    ['a revoked grant', { grants: [{ ...courierGrant, revokedAt: NOW }] }, 'grant_revoked'],
    ['a grant whose last instant is now', { grants: [{ ...courierGrant, until: NOW }] }, 'grant_expired'],
    ['a grant that begins later', { grants: [{ ...courierGrant, from: after(NOW, 1) }] }, 'grant_missing'],
    ['a grant without a use left', { grants: [{ ...courierGrant, usesMax: 3, uses: 3 }] }, 'grant_exhausted'],
    ['another purpose', { purpose: 'legal' }, 'purpose_not_allowed'],
    ['a retired token', { tokens: [token('phone', { retiredAt: NOW })] }, 'token_retired'],
    ['an expired token', { tokens: [token('phone', { expiresAt: NOW })] }, 'token_expired'],
    [
      'a token whose value is gone',
      { tokens: [token('phone')], present: [], wanted: ['phone'] },
      'token_stale',
    ],
    ['a restricted person', { subject: { ...subject, state: 'restricted' } }, 'subject_restricted'],
    ['an erased person', { subject: { ...subject, state: 'erased' } }, 'subject_erased'],
    ['a journey that is over', { stage: 'closed' }, 'shipment_closed'],
    [
      'a stage that calls for nothing asked',
      { wanted: ['phone'], stage: { phone: 'none' } },
      'stage_not_allowed',
    ],
  ] as const)('%s', (_, over, code) => {
    expect(views(scan(over as Partial<Asked>))).toBe(code)
  })

  test('with every condition met the same question is allowed', () => {
    expect(judge(scan(), NOW).allowed).toBe(true)
  })

  test('what stops for good is named before what may pass', () => {
    const grants = [{ ...courierGrant, revokedAt: NOW }]
    expect(views(scan({ grants, subject: { ...subject, state: 'restricted' }, stage: 'closed' }))).toBe(
      'grant_revoked',
    )
  })
})

describe('a shop', () => {
  const ask = (over: Partial<Asked>): Asked => ({
    ...scan(),
    purpose: 'customer_service',
    tokens: [token('phone')],
    stage: undefined,
    wanted: ['phone'],
    grants: [standingGrant('grt_2', 'sub_1', 'mer_1', NOW)],
    ...over,
  })

  test('sees masked values of its own orders by default', () => {
    expect(views(ask({}))).toEqual({ phone: 'masked' })
  })

  test('sees more only by a grant for exactly this purpose', () => {
    const special: Grant = {
      ...standingGrant('grt_3', 'sub_1', 'mer_1', NOW),
      purpose: 'after_sale',
      fields: { phone: 'full' },
    }
    const grants = [standingGrant('grt_2', 'sub_1', 'mer_1', NOW), special]
    expect(views(ask({ grants, purpose: 'after_sale' }))).toEqual({ phone: 'full' })
    expect(views(ask({ grants, purpose: 'customer_service' }))).toEqual({ phone: 'masked' })
  })

  test('gets no field that the purpose does not need, whatever the grant says', () => {
    expect(
      views(
        ask({ purpose: 'after_sale', tokens: [token('address')], wanted: ['address'], present: ['address'] }),
      ),
    ).toBe('purpose_not_allowed')
  })

  test('gets no field that its token does not stand for', () => {
    expect(views(ask({ wanted: ['phone', 'email'] }))).toEqual({ phone: 'masked', email: 'token' })
  })
})

test('no view ever passes what the grant, the stage or the purpose allows', () => {
  const anyView = (field: FieldName) => fc.constantFrom(...FIELDS[field].views)
  const someFields = fc.record(Object.fromEntries(FIELD_NAMES.map((field) => [field, anyView(field)])), {
    requiredKeys: [],
  })
  const rank = (field: FieldName, view: string | undefined) =>
    FIELDS[field].views.findIndex((known) => known === (view ?? 'none'))
  fc.assert(
    fc.property(someFields, someFields, fc.constantFrom(...PURPOSES), (granted, staged, purpose) => {
      const grant: Grant = { ...courierGrant, purpose, fields: granted }
      const tokens = FIELD_NAMES.map((field) => token(field))
      const decision = judge(
        {
          ...scan(),
          purpose,
          tokens,
          grants: [grant],
          stage: staged,
          wanted: FIELD_NAMES,
          present: FIELD_NAMES,
        },
        NOW,
      )
      if (!decision.allowed) return
      for (const [field, { view }] of decision.fields) {
        const most = Math.min(rank(field, granted[field]), rank(field, staged[field]))
        expect(rank(field, view)).toBeLessThanOrEqual(PURPOSE_FIELDS[purpose].includes(field) ? most : 0)
      }
    }),
  )
})

test('every stage has its row: a new one cannot be forgotten', () => {
  for (const stage of STAGES) expect(() => viewsAt(shipmentAt(stage), NOW)).not.toThrow()
})
