import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { generateLaw } from '../../../scripts/make-law.ts'
import { DAY_MS, instant } from '../../../src/core/time.ts'
import { CALENDARS } from '../../../src/vault/incidents/clocks/holidays.ts'
import { isStale, isVerified, staleRules } from '../../../src/vault/incidents/law/freshness.ts'
import { JURISDICTIONS } from '../../../src/vault/incidents/law/index.ts'
import {
  CIRCUMSTANCES,
  CONTENTS,
  DATA_CLASSES,
  HARM_LEVELS,
  QUALIFIERS,
  ROLES,
} from '../../../src/vault/incidents/law/rule.ts'
import type { Jurisdiction, Rule } from '../../../src/vault/incidents/law/rule.ts'

const root = new URL('../../../', import.meta.url)
const RULES = JURISDICTIONS.flatMap(({ rules }) => rules)

const mark = z.enum(['R', 'Q', 'S', 'K'])
const lawDate = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])(-\d{2})?$/)
const wholeDate = z.iso.date()
const text = z.string().min(1)
const circumstances = z.array(z.enum(CIRCUMSTANCES)).min(1)
const keysOf = (of: object): [string, ...string[]] => Object.keys(of) as [string, ...string[]]
const qualifier = z.enum(keysOf(QUALIFIERS))
const whole = z.number().int().positive()

const clauseSchema = z
  .strictObject({
    count: z.strictObject({ min: whole.optional(), max: whole.optional() }).optional(),
    classes: z.array(z.enum(DATA_CLASSES)).min(1).optional(),
    harm: z.strictObject({ atLeast: z.enum(HARM_LEVELS), words: text }).optional(),
    all: circumstances.optional(),
    none: circumstances.optional(),
  })
  .refine((clause) => Object.keys(clause).length > 0)

const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)+$/),
  duty: z.enum(['incident', 'request']),
  binding: z.enum(['duty', 'voluntary']),
  jurisdiction: text,
  instrument: text,
  article: text,
  status: z.enum(['in_force', 'promulgated', 'proposed']),
  effectiveFrom: lawDate.nullable(),
  effectiveTo: wholeDate.nullable(),
  audience: z.enum(['authority', 'individual', 'controller', 'media']),
  recipient: text,
  stage: z.enum(['assessment', 'initial', 'update', 'final']),
  staged: z.boolean(),
  trigger: z.enum([
    'awareness',
    'determination',
    'assessment_complete',
    'handling_complete',
    'notice_sent',
    'year_end',
    'request_received',
  ]),
  after: text.optional(),
  who: z.strictObject({ any: z.array(z.enum(ROLES)).min(1), none: z.array(z.enum(ROLES)).optional() }),
  coversPossible: z.boolean(),
  threshold: z.strictObject({ any: z.array(clauseSchema).min(1) }).nullable(),
  grades: z.array(z.strictObject({ min: whole, name: text })).optional(),
  limit: z.union([
    z.strictObject({
      n: whole,
      unit: z.enum(['h', 'calendar_day', 'business_day', 'month']),
      qualifier,
      notAfter: text.optional(),
    }),
    z.strictObject({ n: z.null(), unit: z.literal('none'), qualifier }),
  ]),
  counting: z
    .strictObject({
      firstDay: z.enum(['excluded', 'included']),
      dayOff: z.enum(['stays', 'next_business_day']),
      mark,
      basis: text,
    })
    .nullable(),
  content: z.array(z.enum(keysOf(CONTENTS))),
  exemptions: z.array(
    z.strictObject({ code: text, words: text, when: circumstances, unless: circumstances.optional() }),
  ),
  recordRetention: z.strictObject({ n: whole, unit: z.enum(['month', 'year']) }).nullable(),
  source: text,
  checkedOn: lawDate,
  mark,
  notes: z.array(z.strictObject({ text, mark: mark.optional() })),
})

const jurisdictionSchema = z.strictObject({
  code: z.string().regex(/^[A-Z]{2}(-[A-Z]{2})?$/),
  name: text,
  zone: text.refine((zone) => new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''),
  zoneNote: text.optional(),
  covers: z.array(z.string().regex(/^[A-Z]{2}(-[A-Z]{2})?$/)).min(1),
  rules: z.array(ruleSchema).min(1),
})

/** What a schema of one rule cannot see, as `rule: what`. */
function inconsistencies(law: readonly Jurisdiction[]): readonly string[] {
  const rules = law.flatMap((jurisdiction) => jurisdiction.rules)
  const ids = rules.map(({ id }) => id)
  const wrong = ({ id }: Rule, what: string, is: boolean): string[] => (is ? [`${id}: ${what}`] : [])
  return law.flatMap(({ code, rules }) =>
    rules.flatMap((rule) => {
      const { limit, counting, trigger, after } = rule
      const inDays = limit.unit !== 'none' && limit.unit !== 'h'
      const other = limit.unit === 'none' ? undefined : limit.notAfter
      const byCalendar = limit.unit === 'business_day' || counting?.dayOff === 'next_business_day'
      return [
        ...wrong(rule, 'stands in the file of another jurisdiction', rule.jurisdiction !== code),
        ...wrong(rule, 'id does not begin with the code', !rule.id.startsWith(`${code.toLowerCase()}-`)),
        ...wrong(rule, 'id is used twice', ids.filter((id) => id === rule.id).length > 1),
        ...wrong(
          rule,
          'counts days and does not say how, or the other way round',
          inDays !== (counting !== null),
        ),
        ...wrong(rule, 'needs days off that are not generated', byCalendar && CALENDARS[code] === undefined),
        ...wrong(
          rule,
          'starts with a notice and names none',
          (trigger === 'notice_sent') !== (after !== undefined),
        ),
        ...wrong(rule, 'starts with a notice of no rule', after !== undefined && !ids.includes(after)),
        ...wrong(rule, 'ends with a notice of no rule', other !== undefined && !ids.includes(other)),
        ...wrong(
          rule,
          'is in force from a date to come',
          rule.status === 'in_force' && (rule.effectiveFrom ?? '') > rule.checkedOn,
        ),
      ]
    }),
  )
}

test('every file of the law is as its schema says, and the files agree with each other', () => {
  for (const jurisdiction of JURISDICTIONS) jurisdictionSchema.parse(jurisdiction)
  expect(inconsistencies(JURISDICTIONS)).toEqual([])
})

test('negative control: a rule without a mark, with a made-up unit, or in the wrong file is refused', () => {
  const [law] = JURISDICTIONS
  const rule = law!.rules.find(({ limit }) => limit.unit === 'calendar_day')!
  const broken = [
    { ...rule, mark: undefined },
    { ...rule, limit: { ...rule.limit, unit: 'fortnight' } },
    { ...rule, effectiveFrom: 'soon' },
    { ...rule, colour: 'red' },
  ]
  for (const one of broken) expect(ruleSchema.safeParse(one).success).toBe(false)
  const misplaced = {
    ...law!,
    rules: [rule, { ...rule, jurisdiction: 'XX', counting: null, trigger: 'notice_sent' as const }],
  }
  expect(inconsistencies([misplaced])).toHaveLength(5)
})

test('every file is listed, and what is generated from them is current', { timeout: 60_000 }, async () => {
  const files = readdirSync(new URL('src/vault/incidents/law/', root)).filter((name) =>
    /^[a-z]{2}(-[a-z]{2})?\.ts$/.test(name),
  )
  expect(JURISDICTIONS.map(({ code }) => `${code.toLowerCase()}.ts`)).toEqual(files.sort())
  // If this fails: `npm run law:generate`.
  for (const { path, text } of await generateLaw()) {
    expect(readFileSync(new URL(path, root), 'utf8'), path).toBe(text)
  }
})

test('each row of the evidence has its rules, with its mark', () => {
  const marks = Object.fromEntries(
    JURISDICTIONS.map(({ code, rules }) => [
      code,
      [...new Set(rules.map(({ mark }) => mark))].sort().join(''),
    ]),
  )
  expect(marks).toEqual({
    AU: 'S',
    BR: 'S',
    CA: 'S',
    CN: 'QRS',
    EU: 'KQ',
    GB: 'S',
    HK: 'Q',
    IN: 'RS',
    JP: 'Q',
    KR: 'Q',
    SG: 'Q',
    TH: 'S',
    TW: 'Q',
    US: 'KQ',
    'US-CA': 'S',
    'US-FL': 'S',
    'US-NY': 'S',
    'US-TX': 'Q',
  })
})

test('docs/law.md says that it is no legal advice, explains the marks, and calls S and K unverified', () => {
  const page = readFileSync(new URL('docs/law.md', root), 'utf8')
  expect(page).toContain('This is not legal advice.')
  for (const rule of RULES) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${rule.id}\``))
    expect(row?.includes('unverified'), rule.id).toBe(!isVerified(rule))
  }
})

test('a rule warns from the 180th day after its check on', () => {
  const [rule] = RULES
  const checked = { ...rule!, checkedOn: '2026-11-25' }
  const stale = instant(Date.UTC(2026, 10, 25) + 180 * DAY_MS)
  expect([-1_000, 0, 1_000].map((offset) => isStale(checked, instant(stale + offset)))).toEqual([
    false,
    true,
    true,
  ])
  expect(staleRules(JURISDICTIONS, instant(Date.UTC(2026, 10, 25)))).toEqual([])
  expect(staleRules(JURISDICTIONS, instant(Date.UTC(2027, 4, 1)))).toHaveLength(RULES.length)
})
