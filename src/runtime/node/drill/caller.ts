import { ERROR_CODES, VaultError } from '../../../core/errors.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import { createApp } from '../../../http/app.ts'
import type { Vault } from '../../../vault/vault.ts'
import { describeProblem } from './problem-sentence.ts'
import type { Problem } from './problem-sentence.ts'

const BASE = 'http://drill.invalid'

type App = ReturnType<typeof createApp>
type Asked = { body?: unknown; accept?: string }

/** The whole service but for its socket: a drill makes the calls that an officer makes. */
export function appOf(vault: Vault): App {
  return createApp({
    vault,
    log: () => undefined,
    metrics: { observe: () => undefined, render: () => Promise.resolve('') },
    readiness: () => Promise.resolve({ store: true, log: true, keys: true }),
    version: 'drill',
  })
}

/** Somebody who calls it with one credential. */
export class Caller {
  readonly #app: App
  readonly #credential: string

  constructor(app: App, credential: string) {
    this.#app = app
    this.#credential = credential
  }

  /** GET, or POST where there is a body. @throws VaultError with what the service said, unless it is a 2xx. */
  async ask<T>(path: string, asked: Asked = {}): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.bytes(path, asked))) as T
  }

  async bytes(path: string, asked: Asked = {}): Promise<Uint8Array> {
    const { status, bytes } = await this.try(path, asked)
    if (status >= 200 && status < 300) return bytes
    throw refusalOf(path, bytes)
  }

  async try(path: string, { body, accept }: Asked = {}): Promise<{ status: number; bytes: Uint8Array }> {
    const response = await this.#app.request(`${BASE}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${this.#credential}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(accept !== undefined && { accept }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
  }
}

function refusalOf(path: string, bytes: Uint8Array): VaultError {
  const problem = JSON.parse(new TextDecoder().decode(bytes)) as Problem
  const code: ErrorCode = ERROR_CODES.find((one) => one === problem.code) ?? 'internal'
  return new VaultError(code, `The drill stops: ${describeProblem(problem)}`, { detail: path })
}
