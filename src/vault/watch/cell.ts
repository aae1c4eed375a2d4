import type { Instant } from '../../core/time.ts'

/** What a detector knows of one party, credential, operator, device or parcel. JSON; null removes it. `at`: when it was last touched. */
export type WatchCell = { key: string; state: object | null; at: Instant }
