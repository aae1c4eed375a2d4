import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Member, Node } from './p13-json.ts'
import { MARK, later } from './p13-values.ts'

/** As much of JSON Schema as the document uses. */
export type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: (string | null)[]
  pattern?: string
  format?: string
  example?: unknown
  properties?: Record<string, Schema>
  propertyNames?: Schema
  additionalProperties?: Schema | boolean
  required?: string[]
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
}

export type Schemas = Readonly<Record<string, Schema>>

const ID_PATTERN = /^\^\(?([a-z|]+)\)?_\[/
const ID_EXAMPLE = /^([a-z]+)_0123456789/

const TIMES = [
  '2026-11-23T12:00:00Z',
  '2026-12-24T00:00:00.000Z',
  '2027-05-05T05:05:05+05:30',
  '2027-11-23T00:00:00.123456789Z',
  '2027-01-01T00:00:00+23:59',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-06-30T23:59:60Z',
  '2026-11-23T24:00:00Z',
  '2026-11-23T12:00:00-99:99',
  '9999-12-31T23:59:59-23:59',
  '0000-01-01T00:00:00+23:59',
]

/** Values that the vault's own field types take, beside some that they do not. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  name: [
    '王小明',
    '欧阳娜娜',
    'Anna de la Cruz',
    'محمد بن سلمان',
    '佐藤 健',
    "O'Neil, Shaun",
    `Mark ${MARK}`,
  ],
  phone: [
    '+8613812345678',
    '13812345678',
    '(202) 555-0123',
    '+1 202 555 0123 x12',
    '010-65551234-802',
    '١٢٣٤٥٦٧',
  ],
  email: ['a@example.com', 'Anna.Ö@exämple.de', '"quoted"@example.com', `${MARK}@example.com`, 'a@b'],
  address: [],
  country: ['CN', 'US', 'de', 'XX', ''],
  line1: ['科技园路1号2栋303室', '77 Example Road', 'Calle Mayor 5, 3º B', `${MARK} Street`],
  locale: ['zh-Hans', 'en', 'x', 'ar-EG'],
  jurisdiction: ['CN', 'US-CA', 'EU'],
}

/** What the schema allows, or nearly: some of it the vault itself will refuse. */
export function validOf(schema: Schema, schemas: Schemas, name = ''): Arbitrary<Node> {
  const whole = resolved(schema, schemas)
  const [part, ...others] = whole.anyOf ?? whole.oneOf ?? []
  if (part) return fc.oneof(...[part, ...others].map((one) => validOf(one, schemas, name)))
  if (Array.isArray(whole.type)) return nullableOf(whole, schemas, name)
  if (typeof whole.additionalProperties === 'object') return mapOf(whole.additionalProperties, schemas)
  if (whole.type === 'object' || whole.properties) return objectOf(whole, schemas)
  if (whole.type === 'array') return arrayOf(whole, schemas)
  if (whole.type === 'boolean') return fc.constantFrom({ raw: 'true' }, { raw: 'false' })
  if (whole.type === 'integer' || whole.type === 'number') return integerOf(whole)
  return textOf(whole, name).map((text) => ({ text }))
}

/** A reference, or an `allOf` of one with a description beside it. */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  const [first] = schema.allOf ?? []
  if (first) return resolved(first, schemas)
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : resolved(schemas[name] ?? {}, schemas)
}

function objectOf({ properties = {}, required = [] }: Schema, schemas: Schemas): Arbitrary<Node> {
  const names = Object.keys(properties)
  const members = Object.fromEntries(
    names.map((name) => [name, validOf(properties[name] ?? {}, schemas, name)]),
  )
  return fc
    .record(members, { requiredKeys: required.filter((name) => names.includes(name)) })
    .map((record) => ({
      members: Object.entries(record).map(([name, node]): Member => [name, node]),
    }))
}

/** Null now and then, else what it is. */
function nullableOf(schema: Schema, schemas: Schemas, name: string): Arbitrary<Node> {
  const types = [schema.type ?? []].flat()
  const [type = 'string'] = types.filter((one) => one !== 'null')
  const values = schema.enum && { enum: schema.enum.filter((value) => value !== null) }
  const usual = { weight: 3, arbitrary: validOf({ ...schema, type, ...values }, schemas, name) }
  return fc.oneof(usual, { weight: 1, arbitrary: fc.constant({ raw: 'null' }) })
}

const PLACES = ['CN', 'DE', 'US-CA', 'unknown', 'XX', 'Bavaria', MARK]

/** A map is by places where the contract has one. */
function mapOf(values: Schema, schemas: Schemas): Arbitrary<Node> {
  const member = fc.tuple(fc.constantFrom(...PLACES), validOf(values, schemas))
  return fc.uniqueArray(member, { maxLength: 3, selector: ([name]) => name }).map((members) => ({ members }))
}

const USUAL_ITEMS = 4

function arrayOf(
  { items = {}, minItems = 0, maxItems = USUAL_ITEMS }: Schema,
  schemas: Schemas,
): Arbitrary<Node> {
  const length = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, USUAL_ITEMS)) }
  return fc.array(validOf(items, schemas), length).map((nodes) => ({ items: nodes }))
}

const SMALL = 8

function integerOf({ minimum = -10, maximum = 1_000_000 }: Schema): Arbitrary<Node> {
  // What there is lies near the lower end: versions, counts, pages.
  const small = fc.integer({ min: minimum, max: Math.min(maximum, minimum + SMALL) })
  return fc
    .oneof(small, fc.integer({ min: minimum, max: maximum }))
    .map((number) => ({ raw: String(number) }))
}

export function textOf(schema: Schema, name: string): Arbitrary<string> {
  if (schema.enum) return fc.constantFrom(...schema.enum.map(String))
  const prefixes = prefixesOf(schema)
  // The few tokens of one field, so that three of a parcel are now and then one person's.
  if (prefixes?.[0] === 'tok' && Object.hasOwn(VALUES, name))
    return fc.nat(2).map((number) => later(`tok${name}`, number))
  if (prefixes) return idOf(prefixes)
  if (schema.format === 'date-time') return fc.constantFrom(...TIMES)
  const known = VALUES[name]
  if (known && known.length > 0) return fc.constantFrom(...known)
  // Of a whole Unicode property fast-check would first list every character.
  if (schema.pattern !== undefined && !schema.pattern.includes('\\P{'))
    return fc.stringMatching(new RegExp(schema.pattern, 'u'), { size: 'small' })
  return fc.oneof(fc.constant(`text ${MARK}`), fc.string({ minLength: schema.minLength ?? 0, maxLength: 20 }))
}

function prefixesOf({ pattern, example }: Schema): string[] | undefined {
  const named = ID_PATTERN.exec(pattern ?? '')?.[1]
  if (named !== undefined) return named.split('|')
  const shown = typeof example === 'string' ? ID_EXAMPLE.exec(example)?.[1] : undefined
  return shown === undefined ? undefined : [shown]
}

export function idOf(prefixes: readonly string[]): Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...prefixes), fc.nat(40)).map(([prefix, number]) => later(prefix, number))
}
