/** When an object has to wake: it has one alarm, set to the soonest of what is asked for. */
export class Wake {
  readonly #storage: DurableObjectStorage
  #at: number | null

  private constructor(storage: DurableObjectStorage, at: number | null) {
    this.#storage = storage
    this.#at = at
  }

  static async open(storage: DurableObjectStorage): Promise<Wake> {
    return new Wake(storage, await storage.getAlarm())
  }

  /** Asks to be woken at `at`, in milliseconds, or before. Stored with what the present turn writes. */
  by(at: number): void {
    if (this.#at !== null && this.#at <= at) return
    this.#at = at
    // Answers wait for it like for any write; if it cannot be stored, the platform starts the object anew.
    void this.#storage.setAlarm(at)
  }

  /** The alarm has gone off and is not set any more. */
  fired(): void {
    this.#at = null
  }
}
