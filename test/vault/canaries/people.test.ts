import { expect, test } from 'vitest'
import { FIELD_NAMES, parsePerson } from '../../../src/vault/fields/registry.ts'
import { MADE_UP_LOCALES, makeUp } from '../../../src/vault/canaries/people/people.ts'

const EMAIL = '{random}@shop-mail.example'

test.each(MADE_UP_LOCALES)('people made up in %s are taken like any others, and are many', (locale) => {
  const made = Array.from({ length: 2_000 }, (_, nth) => makeUp({ locale, seed: 's', email: EMAIL }, nth))
  for (const { person, jurisdiction } of made) {
    const parsed = parsePerson(person, { locale, country: jurisdiction })
    expect(parsed).toMatchObject({ ok: true })
    if (parsed.ok) expect(Object.keys(parsed.person).toSorted()).toEqual([...FIELD_NAMES].toSorted())
  }
  const distinct = (of: (one: (typeof made)[number]) => unknown) =>
    new Set(made.map((one) => JSON.stringify(of(one)))).size
  expect(distinct(({ person }) => person.phone)).toBeGreaterThan(1_990)
  expect(distinct(({ person }) => person.email)).toBeGreaterThan(1_990)
  expect(distinct(({ person }) => person.address)).toBeGreaterThan(1_990)
  expect(distinct(({ person }) => person.name)).toBeGreaterThan(300)
})

test('the same seed gives the same person, another seed or place another one', () => {
  const wanted = { locale: 'en', seed: 'a', email: EMAIL } as const
  expect(makeUp(wanted, 3)).toEqual(makeUp(wanted, 3))
  expect(makeUp(wanted, 3)).not.toEqual(makeUp(wanted, 4))
  expect(makeUp(wanted, 3)).not.toEqual(makeUp({ ...wanted, seed: 'b' }, 3))
})

test('numbers of the platform’s own go round, and without a template there is no address', () => {
  const phones = ['+8613800138000', '+8613800138001']
  const made = [0, 1, 2].map((nth) => makeUp({ locale: 'zh-Hans', seed: 'a', phones }, nth).person)
  expect(made.map(({ phone }) => phone)).toEqual([phones[0], phones[1], phones[0]])
  expect(made.every(({ email }) => email === undefined)).toBe(true)
})
