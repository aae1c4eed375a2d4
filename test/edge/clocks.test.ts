import { expect, test } from 'vitest'
import { parseRfc3339 } from '../../src/core/time.ts'
import { clocksOf, requestClocksOf } from '../../src/vault/incidents/clocks/clocks.ts'
import type { Facts } from '../../src/vault/incidents/clocks/facts.ts'

/** The zones and the Temporal of workerd itself; the same ends as in test/data/clocks.md. */
test('clocks end in workerd where they end on Node: summer time, business days, short months', () => {
  const end = (place: string, rule: string, aware: string): string | undefined => {
    const facts: Facts = {
      awareAt: parseRfc3339(aware)!,
      occurrence: 'established',
      persons: { [place]: 1 },
      classes: ['child', 'government_id'],
      harm: 'high_risk',
      circumstances: {},
      roles: ['controller'],
    }
    const clocks = clocksOf({ facts, notices: [], waivers: [] }, facts.awareAt)
    return clocks.find((clock) => clock.rule.id === rule)?.due?.local
  }
  expect(end('DE', 'eu-gdpr-33-1', '2026-10-22T03:30:00+02:00')).toBe('2026-10-25T02:30:00.000+01:00')
  expect(end('US-CA', 'us-ca-individuals', '2026-02-06T12:00:00-08:00')).toBe('2026-03-08T23:59:59.999-07:00')
  expect(end('BR', 'br-lgpd-48-authority', '2026-11-18T10:00:00-03:00')).toBe('2026-11-24T23:59:59.999-03:00')
  const receivedAt = parseRfc3339('2028-01-31T12:00:00+01:00')!
  const [request] = requestClocksOf({ receivedAt, jurisdiction: 'FR', extended: false }, receivedAt)
  expect(request?.due?.local).toBe('2028-02-29T23:59:59.999+01:00')
})
