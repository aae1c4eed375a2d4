import { z } from '@hono/zod-openapi'
import { JURISDICTIONS } from '../../vault/incidents/law/index.ts'
import { CIRCUMSTANCES, DATA_CLASSES, HARM_LEVELS, ROLES } from '../../vault/incidents/law/rule.ts'
import type { GivenFacts, StatedFacts } from '../../vault/incidents/stated-facts.ts'
import { wireTime } from '../endpoint.ts'
import { strict } from './strict.ts'
import { Time, TimeOut } from './words.ts'

const MAX_ZONE = 64
/** More than there are countries and states in the world's larger federations. */
const MAX_PLACES = 1_000
/** More than there are persons. */
const MAX_PERSONS = 100_000_000_000

const CLASSES = z.array(z.enum(DATA_CLASSES))
const Harm = z.enum(HARM_LEVELS)

type Each<Name extends string, Value extends z.ZodType> = Record<Name, z.ZodOptional<z.ZodNullable<Value>>>

/** One member for each of a closed list, each of which may be left out, or null. */
function each<Name extends string, Value extends z.ZodType>(
  names: readonly Name[],
  value: Value,
): z.ZodObject<Each<Name, Value>, z.core.$strict> {
  const shape = Object.fromEntries(names.map((name) => [name, value.nullable().optional()]))
  return strict(shape as Each<Name, Value>)
}

const LAWS = JURISDICTIONS.map(({ code }) => code)

/** `extended` is of requests alone. */
const OF_INCIDENTS = CIRCUMSTANCES.filter((name) => name !== 'extended')

const Persons = z
  .record(z.string().regex(/^([A-Z]{2}(-[A-Z0-9]{1,3})?|unknown)$/), z.int().min(0).max(MAX_PERSONS))
  .refine((persons) => Object.keys(persons).length <= MAX_PLACES)

/** What an officer knows and the log does not. */
export const GivenFactsSchema = strict({
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length).nullable().optional().openapi({
    description: 'What we are; `controller` until it is said.',
  }),
  occurrence: z.enum(['established', 'possible']).nullable().optional().openapi({
    description: 'Whether something leaked, or may have; `possible` until it is said.',
  }),
  harm: Harm.nullable().optional(),
  harm_in: each(LAWS, Harm).optional().openapi({
    description: "Where a jurisdiction's own words ask for another level than `harm`.",
  }),
  data_classes: CLASSES.max(DATA_CLASSES.length).nullable().optional(),
  circumstances: each(OF_INCIDENTS, z.boolean()).optional(),
  determined_at: Time.nullable()
    .optional()
    .openapi({ description: 'When it was found that there was a breach.' }),
  assessed_at: Time.nullable().optional().openapi({ description: 'When the assessment was complete.' }),
  handled_at: Time.nullable().optional().openapi({ description: 'When it had been dealt with.' }),
  persons: Persons.nullable().optional().openapi({
    description: 'By where they live, in the place of those in scope; `unknown` where that is not known.',
  }),
  zones: each(LAWS, z.string().min(1).max(MAX_ZONE)).optional().openapi({
    description: 'The IANA zone of the competent authority, where there are several.',
  }),
}).openapi('GivenFacts')

type Given = z.output<typeof GivenFactsSchema>

/** The contract's names as the vault's; what was left out stays left out. */
export function givenFacts(given: Given): GivenFacts {
  const facts = {
    roles: given.roles,
    occurrence: given.occurrence,
    harm: given.harm,
    harmIn: given.harm_in,
    classes: given.data_classes,
    circumstances: given.circumstances,
    determinedAt: given.determined_at,
    assessedAt: given.assessed_at,
    handledAt: given.handled_at,
    persons: given.persons,
    zones: given.zones,
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

export const FactsSchema = z
  .object({
    roles: z.array(z.enum(ROLES)).nullable(),
    occurrence: z.enum(['established', 'possible']).nullable(),
    harm: Harm.nullable(),
    harm_in: z.record(z.string(), Harm),
    data_classes: CLASSES.nullable(),
    circumstances: z.record(z.string(), z.boolean()),
    determined_at: TimeOut.nullable(),
    assessed_at: TimeOut.nullable(),
    handled_at: TimeOut.nullable(),
    persons: z.record(z.string(), z.int()).nullable(),
    zones: z.record(z.string(), z.string()),
  })
  .openapi('Facts')

export function wireFacts(facts: StatedFacts): z.input<typeof FactsSchema> {
  const { roles, occurrence = null, harm = null, classes, persons } = facts
  return {
    roles: roles ? [...roles] : null,
    occurrence,
    harm,
    harm_in: { ...facts.harmIn },
    data_classes: classes ? [...classes] : null,
    circumstances: { ...facts.circumstances },
    determined_at: wireTime(facts.determinedAt ?? null),
    assessed_at: wireTime(facts.assessedAt ?? null),
    handled_at: wireTime(facts.handledAt ?? null),
    persons: persons ? { ...persons } : null,
    zones: { ...facts.zones },
  }
}
