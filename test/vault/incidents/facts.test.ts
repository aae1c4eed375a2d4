import { describe, expect, test } from 'vitest'
import { after, instant } from '../../../src/core/time.ts'
import { checkFacts } from '../../../src/vault/incidents/clocks/facts.ts'
import type { Facts } from '../../../src/vault/incidents/clocks/facts.ts'

const AWARE = instant(Date.UTC(2026, 10, 25, 8))
const FACTS: Facts = { awareAt: AWARE, occurrence: 'established', circumstances: {}, roles: ['controller'] }

describe('facts that cannot be', () => {
  const codes = (more: Partial<Facts>): string[] =>
    checkFacts({ ...FACTS, ...more }).map(({ pointer, code }) => `${pointer} ${code}`)

  test.each<[Partial<Facts>, string[]]>([
    [{}, []],
    [{ persons: { DE: 0, 'US-CA': 5, unknown: 1 }, zones: { EU: 'Europe/Dublin' } }, []],
    [{ occurredFrom: AWARE, occurredTo: AWARE, determinedAt: AWARE }, []],
    [{ occurredFrom: after(AWARE, 1) }, ['/awareAt incident_aware_before_occurred']],
    [
      { occurredFrom: after(AWARE, -5), occurredTo: after(AWARE, -6) },
      ['/occurredTo incident_window_reversed'],
    ],
    [{ assessedAt: after(AWARE, -1) }, ['/assessedAt incident_before_aware']],
    [{ awareAt: instant(Number.NaN) }, ['/awareAt incident_instant_invalid']],
    [{ awareAt: instant(Date.UTC(2200, 0, 1)) }, ['/awareAt incident_instant_invalid']],
    [{ persons: { DE: -1 } }, ['/persons/DE incident_persons_invalid']],
    [{ persons: { DE: 1.5 } }, ['/persons/DE incident_persons_invalid']],
    [{ persons: { 'Bad Tölz': 1 } }, ['/persons incident_persons_invalid']],
    [{ zones: { EU: 'Europe/Atlantis' } }, ['/zones/EU incident_zone_unknown']],
  ])('%j', (more, expected) => {
    expect(codes(more)).toEqual(expected)
  })
})
