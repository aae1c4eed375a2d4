import { expect, test } from 'vitest'
import { timedId } from '../../../../src/core/id.ts'
import { instant } from '../../../../src/core/time.ts'
import type { Incident } from '../../../../src/vault/incidents/incident.ts'
import { JURISDICTIONS } from '../../../../src/vault/incidents/law/index.ts'
import { checkMeets, couldMeet, defaultMeets } from '../../../../src/vault/incidents/notices/meets.ts'
import { NOTICE_AUDIENCES } from '../../../../src/vault/incidents/notices/templates/items.ts'
import type { NoticeAudience } from '../../../../src/vault/incidents/notices/templates/items.ts'
import { random } from '../../../storage/sample.ts'

const NOW = instant(Date.UTC(2026, 10, 25))

/** Of which nothing is known: every rule that is in force may apply. */
function incident(more: Partial<Incident> = {}): Incident {
  return {
    id: timedId('inc', random, NOW),
    kind: 'insider',
    state: 'assessing',
    severity: 'high',
    awareAt: NOW,
    occurredFrom: null,
    occurredTo: null,
    suspects: { credentials: [], parties: [], operators: [], devices: [], subjects: [], keys: [] },
    containment: [],
    facts: {},
    clocks: [],
    counted: { at: NOW, persons: null, classes: [] },
    checkAt: null,
    steps: [],
    openedAt: NOW,
    version: 1,
    ...more,
  }
}

const RULES = JURISDICTIONS.flatMap((law) =>
  law.rules.filter(({ duty }) => duty === 'incident').map((rule) => ({ rule, law })),
)
const PLACES = [null, 'unknown', 'DE', 'US-WA', ...JURISDICTIONS.map(({ code }) => code)]
const ABOUT = NOTICE_AUDIENCES.flatMap((audience) =>
  PLACES.map((jurisdiction) => ({ audience, jurisdiction })),
)

function by(audience: NoticeAudience, jurisdiction: string | null, of = incident()): readonly string[] {
  return [...defaultMeets({ audience, jurisdiction }, of, NOW)].sort()
}

test('what a draft meets by itself is a first notice to its own audience, and may be stated', () => {
  let met = 0
  for (const about of ABOUT) {
    const could = couldMeet(about, incident(), NOW)
    expect(checkMeets(about, could)).toEqual(could)
    for (const id of defaultMeets(about, incident(), NOW)) {
      const { rule } = RULES.find((one) => one.rule.id === id)!
      expect(could).toContain(id)
      expect(rule.stage).toBe('initial')
      expect(rule.audience).toBe(about.audience === 'persons' ? 'individual' : 'authority')
      expect(about.jurisdiction).not.toBeNull()
      met += 1
    }
  }
  expect(met).toBeGreaterThan(20)
})

test.each([
  ['persons', 'EU', ['eu-gdpr-34']],
  ['persons', 'CN', ['cn-ndsr-individuals', 'cn-pipl-57-individuals']],
  // Some of the EU's persons are not all of them, and a federal notice reaches the states' persons too.
  ['persons', 'DE', []],
  ['persons', 'US-CA', ['us-ca-individuals']],
  ['persons', null, []],
  ['persons', 'unknown', []],
  ['authority', 'EU', ['eu-gdpr-33-1']],
  ['authority', 'DE', []],
  // Neither the supplement nor the final report: those have a time of their own.
  ['authority', 'BR', ['br-lgpd-48-authority']],
  ['authority', 'JP', ['jp-appi-26-preliminary']],
  // Several authorities: which one it goes to is for those who write it.
  ['authority', 'US-NY', []],
  ['authority', 'IN', []],
  ['authority', 'CN', []],
  // The assessment is met by being complete.
  ['authority', 'AU', ['au-ndb-authority']],
  ['public', 'EU', []],
  ['partners', 'EU', []],
] as const)('a notice to %s of %s meets %j where nobody says', (audience, jurisdiction, rules) => {
  expect(by(audience, jurisdiction)).toEqual(rules)
})

test('a federal notice to persons reaches those of the states', () => {
  const covered = incident({ facts: { roles: ['controller', 'hipaa_covered_entity'] } })
  const reached = by('persons', 'US', covered)
  expect(reached).toEqual(expect.arrayContaining(['us-ca-individuals', 'us-hipaa-individuals']))
  expect(by('persons', 'US-CA', covered)).not.toContain('us-hipaa-individuals')
})

test('a clock that does not run, was met or is left out is not met again by itself, and may be stated', () => {
  const about = { audience: 'authority', jurisdiction: 'EU' } as const
  const event = timedId('evt', random, NOW)
  for (const kind of ['met', 'waived'] as const) {
    const marked = incident({ clocks: [{ rule: 'eu-gdpr-33-1', kind, at: NOW, event }] })
    expect(defaultMeets(about, marked, NOW)).toEqual([])
  }
  expect(defaultMeets(about, incident({ facts: { persons: { KR: 1 } } }), NOW)).toEqual([])
  expect(checkMeets(about, ['eu-gdpr-33-1', 'eu-gdpr-33-1'])).toEqual(['eu-gdpr-33-1'])
})

test('no audience may state a rule of another one, of another place, or an assessment', () => {
  for (const about of ABOUT) {
    for (const { rule, law } of RULES) {
      const isOf = {
        persons: 'individual',
        public: 'individual',
        authority: 'authority',
        partners: 'controller',
      }
      const wrong = rule.audience !== isOf[about.audience] || rule.stage === 'assessment'
      const { jurisdiction: place } = about
      const near = [law.code, ...law.covers].some(
        (code) => place?.startsWith(code) || code.startsWith(`${place}-`),
      )
      if (wrong || (place !== null && !near))
        expect(() => checkMeets(about, [rule.id])).toThrow('cannot meet')
      else expect(checkMeets(about, [rule.id])).toEqual([rule.id])
    }
  }
  expect(() => checkMeets({ audience: 'persons', jurisdiction: 'CN' }, ['cn-request'])).toThrow('cannot meet')
})
