/** What the command line needs of it: commands do not reach into the vault by themselves. */
export { parseRetentionKind } from '../../vault/retention/policy.ts'
export { retentionOf, setRetention } from '../../vault/retention/service.ts'
export type { RetentionInForce } from '../../vault/retention/service.ts'
