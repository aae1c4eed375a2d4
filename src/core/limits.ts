/** Sizes that callers meet, in one place; docs/limits.md prints them. */

export const MAX_BATCH_ITEMS = 100
export const MAX_TOKENIZE_ITEMS = 1_000
/** 1,000 persons with four fields of ordinary length are about 0.6 MiB. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024
export const MAX_PAGE_ITEMS = 100
export const DEFAULT_PAGE_ITEMS = 50

/** `order_ref`, `external_ref`, `operator.id`, `device`, item `key`: names that the caller makes. */
export const CALLER_REF = /^[A-Za-z0-9#._:/-]{1,64}$/

/** Durable Object SQLite: at most 100 bound parameters a statement. The Node tests apply it too. */
export const MAX_BOUND_PARAMS = 100
