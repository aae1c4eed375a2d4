import { parseAccept } from 'hono/utils/accept'
import { VaultError } from '../core/errors.ts'

/**
 * RFC 9110 §12.5.1: of the media types that can be had the one that is liked best, in the caller's order of q, then ours. Without `Accept` the
 * first. @throws VaultError `not_acceptable`
 */
export function chooseType<Type extends string>(
  accept: string | undefined,
  types: readonly [Type, ...Type[]],
): Type {
  if (accept === undefined || accept.trim() === '') return types[0]
  const ranges = parseAccept(accept).map(({ type, q }) => ({ range: type.toLowerCase(), q }))
  const liked = (type: Type) =>
    ranges.filter(({ range }) => covers(range, type)).toSorted(byPrecision)[0]?.q ?? 0
  const best = types.toSorted((a, b) => liked(b) - liked(a))[0]
  if (best !== undefined && liked(best) > 0) return best
  throw new VaultError('not_acceptable', `This is to be had as ${types.join(', ')}.`)
}

function covers(range: string, type: string): boolean {
  return range === '*/*' || range === type || range === `${type.split('/')[0]}/*`
}

/** A type by its name before a range of them. */
function byPrecision(a: { range: string }, b: { range: string }): number {
  const precision = ({ range }: { range: string }) => (range === '*/*' ? 0 : range.endsWith('/*') ? 1 : 2)
  return precision(b) - precision(a)
}
