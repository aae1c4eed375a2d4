import { z } from '@hono/zod-openapi'
import { FIELDS } from '../../vault/fields/registry.ts'
import { idSchema } from './ids.ts'
import { strict } from './strict.ts'

const PART = z.string().max(200)

/** Documented here, read by the vault's field types: each says itself what it takes. */
export const AddressSchema = strict({
  country: z.string().openapi({ description: 'ISO 3166-1 alpha-2.', example: 'CN' }),
  province: PART.optional(),
  city: PART.optional(),
  district: PART.optional(),
  town: PART.optional(),
  line1: PART.optional(),
  line2: PART.optional(),
  postcode: PART.optional(),
}).openapi('Address')

export const PersonSchema = strict({
  name: z.string().optional().openapi({ example: 'Example Person' }),
  phone: z.string().optional().openapi({
    description: "E.164, or national with the address's country.",
    example: '+12025550123',
  }),
  email: z.string().optional().openapi({ example: 'person@example.com' }),
  address: AddressSchema.optional(),
}).openapi('Person', { description: 'At least one field.' })

/** A person as a batch's row brings it: one that cannot be taken is that row's error, not the call's. */
export const PersonInput = z.unknown().openapi({ allOf: [{ $ref: '#/components/schemas/Person' }] })

/** What a field's value is on the wire: an address has parts, the others are text. */
export const ValueSchema = z.union([z.string(), AddressSchema])

export const ViewsSchema = strict({
  name: z.enum(FIELDS.name.views).optional(),
  phone: z.enum(FIELDS.phone.views).optional(),
  email: z.enum(FIELDS.email.views).optional(),
  address: z.enum(FIELDS.address.views).optional(),
}).openapi('Views', { description: 'How much of each field, from `none` to `full`.' })

/** BCP 47: 35 characters is the least that RFC 5646 §4.4.1 asks everybody to take. */
export const Locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/)

/** ISO 3166-1 alpha-2, or 3166-2 for a part of a country. */
export const Jurisdiction = z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/)

export const TokensSchema = z
  .object({
    name: idSchema('tok').optional(),
    phone: idSchema('tok').optional(),
    email: idSchema('tok').optional(),
    address: idSchema('tok').optional(),
  })
  .openapi('Tokens')
