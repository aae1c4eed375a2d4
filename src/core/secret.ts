const HIDDEN = '[secret]'

/**
 * Holds plaintext PII, keys and session tokens so that they cannot be printed, logged or serialised by accident.
 * `exposeSecret()` is the only way out: searching for that name finds every use.
 */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  exposeSecret(): T {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN
  }
}

export function secret<T>(value: T): Secret<T> {
  return new Secret(value)
}
