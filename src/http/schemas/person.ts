import { z } from '@hono/zod-openapi'
import { FIELDS } from '../../vault/fields/registry.ts'
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
