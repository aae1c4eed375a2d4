import type { Bytes } from '../core/bytes.ts'
import type { Secret } from '../core/secret.ts'

export type Argon2Params = {
  /** Memory, in KiB. */
  readonly memoryKib: number
  /** Passes over the memory: `t`. */
  readonly passes: number
  /** Lanes, and threads where there are any: `p`. */
  readonly lanes: number
}

/**
 * The least that is taken, for anything. OWASP Password Storage Cheat Sheet: "use Argon2id with a minimum
 * configuration of 19 MiB of memory, an iteration count of 2, and 1 degree of parallelism".
 */
export const ARGON2_FLOOR: Argon2Params = { memoryKib: 19 * 1024, passes: 2, lanes: 1 }

/** More than this in a file is an error or an attack on the one who opens it: 1 GiB. */
export const ARGON2_CEILING: Argon2Params = { memoryKib: 1024 * 1024, passes: 64, lanes: 16 }

/** RFC 9106 §4, second recommended option: t=3, p=4, 64 MiB. */
export const ROOT_KEY_ARGON2: Argon2Params = { memoryKib: 64 * 1024, passes: 3, lanes: 4 }

/** RFC 9106 §4: "a 128-bit salt". */
export const ARGON2_SALT_BYTES = 16

export function withinArgon2Limits(params: Argon2Params): boolean {
  const names = ['memoryKib', 'passes', 'lanes'] as const
  return names.every(
    (name) =>
      Number.isInteger(params[name]) &&
      params[name] >= ARGON2_FLOOR[name] &&
      params[name] <= ARGON2_CEILING[name],
  )
}

/** Slow on purpose, and off the event loop where the platform can. */
export type PasswordHasher = {
  /**
   * 32 bytes by Argon2id v1.3 (RFC 9106), the same for the same input on every platform. The passphrase is taken in
   * Unicode NFC, so that it does not matter which keyboard wrote it. The caller checks `withinArgon2Limits` first.
   */
  deriveKey(passphrase: Secret<string>, salt: Bytes, params: Argon2Params): Promise<Secret<Bytes>>
}
