import type { TenantId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { Vault } from '../../../vault/vault.ts'
import type { Caller } from './caller.ts'
import type { DrillKind, Suspects } from './order.ts'
import type { Papers } from './paper.ts'
import type { Post } from './silent-channels.ts'
import type { Steps } from './steps.ts'

/** What is suspected, and what the drill knows of it that the vault has to find out. */
export type Suspicion = {
  suspects: Suspects
  from: Instant | undefined
  to: Instant | undefined
  tip: string
  /** How many persons it touched, where that is known. */
  touched: number | undefined
  /** One more look by the suspect, where the drill can make it. @returns what it was told. */
  tryAgain: (() => Promise<string>) | undefined
}

/** All that an incident is played with. */
export type Scene = {
  vault: Vault
  tenant: TenantId
  /** Two persons, since a notice takes two. */
  officers: { first: Caller; second: Caller }
  post: Post
  steps: Steps
  papers: Papers
  kind: DrillKind
  awareAt: Instant
  suspicion: Suspicion
}
