/** Persons for sure, and at most: those whose place is not known, or only as a country, may be here or not. */
export type PersonRange = { least: number; most: number }

/** As the scope of an incident counts them. */
const UNKNOWN = 'unknown'

/**
 * Persons whom a jurisdiction with these codes covers. `US` covers `US-CA`; somebody of whom only `US` is known may be
 * one of `US-CA`.
 */
export function personsIn(
  persons: Readonly<Record<string, number>> | undefined,
  covers: readonly string[],
): PersonRange {
  if (persons === undefined) return { least: 0, most: Infinity }
  const range = { least: 0, most: 0 }
  for (const [code, count] of Object.entries(persons)) {
    const here = covers.some((covered) => code === covered || code.startsWith(`${covered}-`))
    const perhaps = code === UNKNOWN || covers.some((covered) => covered.startsWith(`${code}-`))
    if (here) range.least += count
    if (here || perhaps) range.most += count
  }
  return range
}
