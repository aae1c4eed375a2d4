import type pg from 'pg'
import type { Bound } from '../../storage/postgres/driver.ts'
import { bindable } from '../postgres-values.ts'

/** Names of prepared statements: each text is parsed and planned once a connection. There are as many as there are reads. */
const names = new Map<string, string>()

export function named({ text, values }: Bound): pg.QueryConfig {
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `cloakroom_${names.size}`))
  return { ...unnamed({ text, values }), name }
}

/**
 * Behind what may fail: the driver sends a name's text with its first use only, and the server forgets it with a list that it
 * has refused by then.
 */
export function unnamed({ text, values }: Bound): pg.QueryConfig {
  return { text, values: values.map(bindable) }
}
