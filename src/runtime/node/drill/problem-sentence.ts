/** As much of a problem document (RFC 9457) as a drill tells. */
export type Problem = {
  code: string
  detail?: string
  errors?: readonly { pointer: string; code: string; detail?: string }[]
}

/** Code, sentence, and each field that could not be taken. */
export function describeProblem({ code, detail = '', errors = [] }: Problem): string {
  const fields = errors.map((one) => `${one.pointer} ${one.code}`)
  return `${detail || code}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`
}
