import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseTenantId, timedId } from '../../../src/core/id.ts'
import { instant } from '../../../src/core/time.ts'
import { fromUtf8 } from '../../../src/core/bytes.ts'
import { readLeaf, sealEvent } from '../../../src/vault/audit/event.ts'
import type { AuditEvent } from '../../../src/vault/audit/event.ts'
import { leafParts } from '../../../src/vault/incidents/leaf-parts.ts'

const random = (length: number) => new Uint8Array(randomBytes(length))
const AT = instant(Date.UTC(2026, 10, 23))
const id = <P extends Parameters<typeof timedId>[0]>(prefix: P) => timedId(prefix, random, AT)

const EVENTS: readonly Partial<AuditEvent>[] = [
  {},
  { party: id('cou'), credential: id('key'), operator: id('opr'), device: id('dev') },
  { fields: { name: 'surname', phone: 'full' }, counts: { party: 1, operator: 2 }, versions: { name: 3 } },
  { fields: {}, concerns: id('key'), code: 'a "party":"mer_x" in words', incident: id('inc') },
]

test.each(EVENTS)('the parts of a leaf are those that the whole has: %#', (more) => {
  const event: AuditEvent = { id: id('evt'), at: AT, type: 'reveal.allowed', actor: 'party', ...more }
  const { bytes } = sealEvent(parseTenantId('acme')!, event, random)
  const { party, credential, operator, device, fields = {} } = readLeaf(bytes)
  expect(leafParts(fromUtf8(bytes))).toEqual({ party, credential, operator, device, fields })
})
