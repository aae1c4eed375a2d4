/** Whether a condition is met. `unclear` while a fact that decides it is not known. */
export type Holds = 'yes' | 'no' | 'unclear'

export function allOf(parts: readonly Holds[]): Holds {
  if (parts.includes('no')) return 'no'
  return parts.includes('unclear') ? 'unclear' : 'yes'
}

export function anyOf(parts: readonly Holds[]): Holds {
  if (parts.includes('yes')) return 'yes'
  return parts.includes('unclear') ? 'unclear' : 'no'
}

export function holds(known: boolean | undefined): Holds {
  if (known === undefined) return 'unclear'
  return known ? 'yes' : 'no'
}

export function not(part: Holds): Holds {
  if (part === 'unclear') return 'unclear'
  return part === 'yes' ? 'no' : 'yes'
}
