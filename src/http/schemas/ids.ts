import { z } from '@hono/zod-openapi'
import { opaqueId, parseId, parsePartyId } from '../../core/id.ts'
import type { Id, IdPrefix, PartyId, Random } from '../../core/id.ts'
import type { PathId } from '../endpoint.ts'

/** The same words as the vault's own: another's, a malformed and a missing one are one answer. */
export function pathId<Prefix extends IdPrefix>(prefix: Prefix, what: string): PathId<Id<Prefix>> {
  return { what, prefixes: [prefix], parse: (text) => parseId(prefix, text) }
}

export const partyInPath: PathId<PartyId> = { what: 'party', prefixes: ['mer', 'cou'], parse: parsePartyId }

/** `prefix_` and 26 characters: the example is nobody's. */
export function exampleId(prefix: IdPrefix): string {
  return `${prefix}_0123456789abcdefghjkmnpqrs`
}

export function idSchema<Prefix extends IdPrefix>(prefix: Prefix) {
  return z
    .custom<Id<Prefix>>((given) => typeof given === 'string' && parseId(prefix, given) !== undefined)
    .openapi({ type: 'string', pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`, example: exampleId(prefix) })
}

export const PartyIdSchema = z
  .custom<PartyId>((given) => typeof given === 'string' && parsePartyId(given) !== undefined)
  .openapi({ type: 'string', pattern: '^(mer|cou)_[0-9a-hjkmnp-tv-z]{26}$', example: exampleId('cou') })

/** Tokens and waybills in batches: any text, since one bad row must not fail the others. */
export function looseId(prefix: 'tok' | 'wb') {
  return z.string().openapi({
    description: `\`${prefix}_…\`. Anything else is answered as unknown.`,
    example: exampleId(prefix),
  })
}

/** What is malformed names nothing: in its place goes an id that was never given out, and is judged and logged as such. */
export function knownOrNobodys<Prefix extends 'tok' | 'wb'>(
  prefix: Prefix,
  text: string,
  random: Random,
): Id<Prefix> {
  return parseId(prefix, text) ?? opaqueId(prefix, random)
}
