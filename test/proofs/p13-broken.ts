import { createApp } from '../../src/http/app.ts'
import type { AppParts } from '../../src/http/app.ts'
import type { Vault } from '../../src/vault/vault.ts'
import type { Target } from './p13-run.ts'

/** Services with one fault each, which the calls have to hit upon by themselves. */

/** A handler that did not think of one input: a `TypeError` where a party's id ends in a digit. */
export function throwing(parts: AppParts): Target {
  const { store } = parts.vault
  const broken: Vault['store'] = {
    ...store,
    async findParty(tenant, id) {
      const last = /\d$/.exec(id)?.[0]
      if (last !== undefined) throw new TypeError(`Cannot read properties of undefined (reading '${last}')`)
      return store.findParty(tenant, id)
    },
  }
  const app = createApp({ ...parts, vault: { ...parts.vault, store: broken } })
  return (request) => app.fetch(request)
}

const QUOTING = ['/v1/search', '/v1/tokenize', '/v1/reveal']

/** Refusals of three routes that quote what they refuse. */
export function echoing(parts: AppParts): Target {
  const app = createApp(parts)
  return async (request) => {
    const quotes = QUOTING.includes(new URL(request.url).pathname)
    const sent = quotes ? await request.clone().text() : ''
    const response = await app.fetch(request)
    if (sent === '' || response.status !== 400) return response
    const { status, headers } = response
    const problem = (await response.json()) as { detail: string }
    return new Response(JSON.stringify({ ...problem, detail: `Not taken: ${sent}` }), {
      status,
      headers,
    })
  }
}
