import { VaultError } from '../../core/errors.ts'
import { PURPOSES } from '../../core/purpose.ts'
import { isAbsent } from '../middleware/validate.ts'
import type { Issues } from '../middleware/validate.ts'

/** Who asks for values must say why, before anything else about the call is worth answering. */
export function refuseWithoutPurpose(issues: Issues): VaultError | undefined {
  if (!issues.some(({ path }) => path[0] === 'purpose')) return undefined
  return new VaultError('purpose_required', `Give a purpose: one of ${PURPOSES.join(', ')}.`)
}

/** As above, and by whom: `operator.id`. One that is there but cannot be taken is an invalid field like any other. */
export function refuseWithoutReason(issues: Issues, input: unknown): VaultError | undefined {
  const without = refuseWithoutPurpose(issues)
  if (without) return without
  const missing = issues.some((issue) => {
    const [first, second] = issue.path
    return first === 'operator' && (second === undefined || second === 'id') && isAbsent(issue, input)
  })
  return missing ? new VaultError('operator_required', 'Say who looks: operator.id.') : undefined
}
