/** One answer of the service, read member by member. */
export class Answer {
  /** What was asked: `POST /v1/reveal`. */
  readonly request: string
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array

  constructor(request: string, response: Response, bytes: Uint8Array) {
    this.request = request
    this.status = response.status
    this.headers = response.headers
    this.bytes = bytes
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes)
  }

  get body(): unknown {
    return this.text === '' ? undefined : JSON.parse(this.text)
  }

  /** The member at this path, or undefined. */
  at(...path: readonly (string | number)[]): unknown {
    return memberAt(this.body, ...path)
  }

  /** @throws Error unless a text is there: the contract says that one is. */
  textAt(...path: readonly (string | number)[]): string {
    const value = this.at(...path)
    if (typeof value === 'string') return value
    throw new Error(
      `no text at /${path.join('/')} in the answer to ${this.request}: ${this.status} ${this.text}`,
    )
  }

  /** @throws Error unless a list is there. */
  listAt(...path: readonly (string | number)[]): readonly unknown[] {
    const value = this.at(...path)
    if (Array.isArray(value)) return value
    throw new Error(
      `no list at /${path.join('/')} in the answer to ${this.request}: ${this.status} ${this.text}`,
    )
  }
}

export function memberAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inside, name) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, name) : undefined),
    value,
  )
}

/** A text or a number as it is read; nothing for what is absent. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** A copy without these members, at any depth: for comparing answers that differ only in ids of their own. */
export function without(value: unknown, ...names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((member) => without(member, ...names))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !names.includes(name))
  return Object.fromEntries(kept.map(([name, member]) => [name, without(member, ...names)]))
}

const REQUEST_TIMEOUT_MS = 15_000

type How = { body?: unknown; idempotencyKey?: string | undefined; accept?: string }

/** Somebody who calls the service over HTTP with one credential or session. */
export class Client {
  readonly #service: { readonly address: string }
  readonly #bearer: string | undefined

  constructor(service: { readonly address: string }, bearer?: string) {
    this.#service = service
    this.#bearer = bearer
  }

  async get(path: string): Promise<Answer> {
    return this.#call('GET', path)
  }

  /** What is there, in another form: `application/pdf`. */
  async as(path: string, accept: string): Promise<Answer> {
    return this.#call('GET', path, { accept })
  }

  async post(path: string, body?: unknown, idempotencyKey?: string): Promise<Answer> {
    return this.#call('POST', path, { body, idempotencyKey })
  }

  async patch(path: string, body: unknown): Promise<Answer> {
    return this.#call('PATCH', path, { body })
  }

  async delete(path: string): Promise<Answer> {
    return this.#call('DELETE', path)
  }

  /** Every item of a list, page after page. */
  async list(path: string): Promise<readonly unknown[]> {
    const items: unknown[] = []
    for (let cursor: unknown = ''; typeof cursor === 'string';) {
      const joint = path.includes('?') ? '&' : '?'
      const answer = await this.get(
        cursor === '' ? path : `${path}${joint}cursor=${encodeURIComponent(cursor)}`,
      )
      items.push(...answer.listAt('items'))
      cursor = answer.at('next_cursor')
    }
    return items
  }

  async #call(method: string, path: string, how: How = {}): Promise<Answer> {
    const { body, idempotencyKey, accept } = how
    const response = await fetch(`${this.#service.address}${path}`, {
      method,
      headers: {
        ...(this.#bearer !== undefined && { Authorization: `Bearer ${this.#bearer}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(accept !== undefined && { Accept: accept }),
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    return new Answer(`${method} ${path}`, response, new Uint8Array(await response.arrayBuffer()))
  }
}
