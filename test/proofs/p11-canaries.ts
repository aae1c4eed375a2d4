import { randomInt } from 'node:crypto'
import type { Caller } from './p11-callers.ts'

/** A value that stands nowhere else in the world, and whom it may ever reach. */
export type Canary = { what: string; mayReach(caller: Caller, route: string): boolean }

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const WORD = /zq[a-z]{10}/g
const PHONE = /138\d{8}/g
/** Credentials and sessions: no answer but the one that issues them may hold one, whoever asks. */
const BEARER = /ck_[a-z0-9-]+_[0-9A-Za-z]{32,}|eyJ[\w-]+\.[\w-]+\.[\w-]+/g

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

export class Canaries {
  readonly #planted = new Map<string, Canary>()

  get count(): number {
    return this.#planted.size
  }

  /** A word of letters alone, so that it can be a name, a street, a mailbox or a reference. */
  word(canary: Canary): string {
    const text = `zq${letters(10)}`
    this.#planted.set(text, canary)
    return text[0]!.toUpperCase() + text.slice(1)
  }

  /** A Chinese mobile number, national. */
  phone(canary: Canary): string {
    const text = `138${String(randomInt(100_000_000)).padStart(8, '0')}`
    if (this.#planted.has(text)) return this.phone(canary)
    this.#planted.set(text, canary)
    return text
  }

  /** What of these texts must not be in an answer to this caller. */
  leaks(text: string, caller: Caller, route: string): string[] {
    const found = [...(text.toLowerCase().match(WORD) ?? []), ...(text.match(PHONE) ?? [])]
    const planted = found.flatMap((hit) => this.#planted.get(hit) ?? [])
    return planted.filter((canary) => !canary.mayReach(caller, route)).map(({ what }) => what)
  }
}

/** Routes that show a credential once. */
const ISSUING = ['POST /v1/parties/{id}/credentials', 'POST /v1/subjects/{id}/sessions']

export function bearersIn(text: string, caller: Caller, route: string): string[] {
  if (caller.kind === 'platform' && ISSUING.includes(route)) return []
  return (text.match(BEARER) ?? []).map((bearer) => `a credential, ${bearer.slice(0, 8)}…`)
}

export const NOBODY = { mayReach: () => false }
