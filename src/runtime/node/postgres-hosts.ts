const SCHEME_AND_USER = /^postgres(?:ql)?:\/\/(?:[^@/?#]*@)?/
const HOSTS = /^[^/?#]*/

/** What libpq calls a server that takes writes, which is the only kind that the vault can be on. */
const WRITERS = ['read-write', 'primary']

/**
 * Each server of a URL in libpq's form with several, `postgres://user:password@one:5432,other:5432/name`, as a URL of its own.
 * @returns undefined if one of them is none, or if `target_session_attrs` asks for servers that do not write.
 * Source: https://www.postgresql.org/docs/current/libpq-connect.html, "Specifying Multiple Hosts".
 */
export function hostUrls(url: string): readonly string[] | undefined {
  const before = SCHEME_AND_USER.exec(url)?.[0]
  if (before === undefined) return undefined
  const hosts = HOSTS.exec(url.slice(before.length))?.[0] ?? ''
  const after = url.slice(before.length + hosts.length)
  const urls = hosts.split(',').map((host) => before + host + after)
  const parsed = urls.map((one) => URL.parse(one))
  if (parsed.some((one) => one === null)) return undefined
  const asked = parsed[0]?.searchParams.get('target_session_attrs') ?? 'read-write'
  return WRITERS.includes(asked) ? urls : undefined
}
