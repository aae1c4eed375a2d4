import { DAY_MS } from '../../../core/time.ts'
import type { TenantFacts } from '../facts.ts'
import { seenIf } from '../finding.ts'
import type { Check } from '../finding.ts'

/** NIST SP 800-57 part 1, 5.3.6: one to two years for keys that wrap. */
const KEY_AGE_MS = 365 * DAY_MS

/** A rotation of a million persons takes minutes. */
const ROTATION_MS = DAY_MS

/** `ref` is never turned, and every person's own key goes with the person. */
const TURNED: readonly string[] = ['wrap', 'index', 'note', 'session', 'log']

function days(ms: number): number {
  return Math.floor(ms / DAY_MS)
}

function oldKeys({ tenant, keys }: TenantFacts, now: number) {
  return keys
    .filter(({ kind, state }) => state === 'primary' && TURNED.includes(kind))
    .filter(({ createdAt }) => now - createdAt > KEY_AGE_MS)
    .map(({ kind, version, createdAt }) => ({
      seen: `Key ${kind} ${version} of tenant ${tenant} is ${days(now - createdAt)} days old.`,
      names: { kind, tenant },
    }))
}

export const keyChecks: readonly Check[] = [
  {
    code: 'vault_sealed',
    area: 'root_keys',
    severity: 'high',
    when: 'The service runs without its root key and refuses every call.',
    mend: 'cloakroom unseal',
    look: ({ root_keys: keys }) => seenIf(keys?.sealed === true, 'The vault is sealed.'),
  },
  {
    code: 'root_key_missing',
    area: 'root_keys',
    severity: 'critical',
    when: 'Data is wrapped under a root key of which no file is there.',
    mend: 'Restore the file from its copy into the key folder; without it the data cannot be read by anybody.',
    look: ({ root_keys: keys }) =>
      (keys?.needed ?? [])
        .filter((id) => !keys?.files.some(({ keyId }) => keyId === id))
        .map((id) => ({ seen: `There is no file of root key ${id}, which the data needs.` })),
  },
  {
    code: 'root_key_readable',
    area: 'root_keys',
    severity: 'critical',
    when: 'Others on the machine may read a root key file.',
    mend: 'chmod 600 {path}',
    look: ({ root_keys: keys }) =>
      (keys?.files ?? [])
        .filter(({ readableByOthers }) => readableByOthers)
        .map(({ path }) => ({ seen: `Others on this machine may read ${path}.`, names: { path } })),
  },
  {
    code: 'root_key_plain',
    area: 'root_keys',
    severity: 'medium',
    when: 'A root key lies on disk without passphrase or shares.',
    mend: 'cloakroom keys rotate root --passphrase-file <path>',
    look: ({ root_keys: keys }) =>
      (keys?.files ?? [])
        .filter(({ protection, retired }) => protection === 'none' && !retired)
        .map(({ path }) => ({ seen: `The root key in ${path} is not sealed.` })),
  },
  {
    code: 'root_key_beside_data',
    area: 'root_keys',
    severity: 'high',
    when: 'The key folder lies inside the data folder, so that one copy holds both.',
    mend: 'Move the key folder elsewhere and set CLOAKROOM_KEYS to it.',
    look: ({ root_keys: keys }) =>
      seenIf(keys?.besideData === true, 'The root key lies inside the data folder.'),
  },
  {
    code: 'key_old',
    area: 'tenants',
    severity: 'low',
    when: 'A key that can be turned is in use for more than 365 days.',
    mend: 'cloakroom keys rotate {kind} --tenant {tenant}',
    look: ({ tenants = [], now }) => tenants.flatMap((tenant) => oldKeys(tenant, now)),
  },
  {
    code: 'rotation_stalled',
    area: 'tenants',
    severity: 'medium',
    when: 'A rotation is under way for more than a day.',
    mend: 'cloakroom keys rotate {level}',
    look: ({ tenants = [], now }) =>
      tenants.flatMap(({ tenant, rotations }) =>
        rotations
          .filter(({ state, startedAt }) => state === 'running' && now - startedAt > ROTATION_MS)
          .map(({ level, done, total }) => ({
            seen: `The rotation of ${level} of tenant ${tenant} has come to ${done} of ${total} rows.`,
            names: { level },
          })),
      ),
  },
]
