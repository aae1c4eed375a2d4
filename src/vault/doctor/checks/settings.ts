import { seenIf } from '../finding.ts'
import type { Check } from '../finding.ts'

/** Ranges that are wider than the largest private one of their kind (RFC 1918, RFC 4193 with its 40 bits of one's own). */
const WIDEST = { ipv4: 8, ipv6: 40 }

/** More looks a day than this are no limit to somebody who copies a shop's customers. */
const QUOTA_MOST = 1_000_000

function isWide(range: string): boolean {
  const [address = '', bits = ''] = range.split('/')
  return Number(bits) < (address.includes(':') ? WIDEST.ipv6 : WIDEST.ipv4)
}

export const settingChecks: readonly Check[] = [
  {
    code: 'development_reachable',
    area: 'settings',
    severity: 'high',
    when: 'The environment is `development`, and others than this machine reach the service.',
    mend: 'CLOAKROOM_ENV=production, with a sealed root key',
    look: ({ settings: s }) =>
      seenIf(
        s?.environment === 'development' && s.listens !== undefined && s.listens.reach !== 'loopback',
        `The environment is development, and the service listens on ${s?.listens?.host}.`,
      ),
  },
  {
    code: 'listens_everywhere',
    area: 'settings',
    severity: 'high',
    when: 'The service, which speaks plain HTTP, listens on a public address or on all.',
    mend: 'HOST=127.0.0.1 or a private address, and a proxy with TLS before it',
    look: ({ settings: s }) =>
      seenIf(
        s?.listens?.reach === 'everywhere',
        `Plain HTTP is listened for on ${s?.listens?.host}:${s?.listens?.port}.`,
      ),
  },
  {
    code: 'metrics_reachable',
    area: 'settings',
    severity: 'low',
    when: '`/metrics` asks for no credential, and others than this machine reach it.',
    mend: 'Let the proxy refuse `/metrics` to all but the machine that gathers it.',
    look: ({ settings: s }) =>
      seenIf(
        s?.listens !== undefined && s.listens.reach !== 'loopback',
        `Who reaches ${s?.listens?.host}:${s?.listens?.port} reads figures of traffic.`,
      ),
  },
  {
    code: 'public_url_plain',
    area: 'settings',
    severity: 'high',
    when: 'In production people are sent to an address without TLS, or to none that was set.',
    mend: 'CLOAKROOM_PUBLIC_URL=https://…',
    look: ({ settings: s }) =>
      seenIf(
        s?.environment === 'production' && s.publicUrl?.startsWith('https://') !== true,
        `The public address is ${s?.publicUrl ?? 'not set'}.`,
      ),
  },
  {
    code: 'smtp_plain',
    area: 'settings',
    severity: 'high',
    when: 'Notices, with names and addresses in them, go to a mail server on another machine without TLS.',
    mend: 'CLOAKROOM_SMTP_URL=smtps://…, or smtp://… without `tls=none`',
    look: ({ settings: s }) =>
      seenIf(
        s?.smtp?.tls === 'none' && s.smtp.reach !== 'loopback',
        `Mail goes to ${s?.smtp?.host} without TLS.`,
      ),
  },
  {
    code: 'smtp_opportunistic',
    area: 'settings',
    severity: 'medium',
    when: 'TLS to the mail server can be taken away by somebody on the wire.',
    mend: 'CLOAKROOM_SMTP_URL with `tls=required`, or smtps://…',
    look: ({ settings: s }) =>
      seenIf(
        s?.smtp?.tls === 'opportunistic' && s.smtp.reach !== 'loopback',
        `Mail goes to ${s?.smtp?.host} with TLS only if that server offers it.`,
      ),
  },
  {
    code: 'database_plain',
    area: 'settings',
    severity: 'high',
    when: 'The way to a database on another machine is not encrypted, or its certificate is not checked.',
    mend: '`sslmode=verify-full` in CLOAKROOM_DATABASE_URL (docs/postgres.md)',
    look: ({ settings: s }) =>
      seenIf(
        s?.database !== undefined && !s.database.encrypted && s.database.reach !== 'loopback',
        `The way to the database on ${s?.database?.host} is not held by TLS with a checked certificate.`,
      ),
  },
  {
    code: 'own_networks_wide',
    area: 'settings',
    severity: 'medium',
    when: 'Web hook and gateways may lead into ranges wider than any private network.',
    mend: 'Name in CLOAKROOM_OWN_NETWORKS only the networks that they are in.',
    look: ({ settings: s }) =>
      (s?.ownNetworks ?? [])
        .filter(isWide)
        .map((range) => ({ seen: `Requests may go anywhere in ${range}.` })),
  },
  {
    code: 'bootstrap_key_left',
    area: 'settings',
    severity: 'low',
    when: 'The first credential still stands in the environment, where it is of no use any more.',
    mend: 'Unset CLOAKROOM_BOOTSTRAP_KEY.',
    look: ({ settings: s, tenants = [] }) =>
      seenIf(
        s?.bootstrapKey === true && tenants.length > 0,
        'CLOAKROOM_BOOTSTRAP_KEY is set, and the store has its tenant.',
      ),
  },
  {
    code: 'quota_off',
    area: 'tenants',
    severity: 'medium',
    when: "A tenant's quota is so high that it limits nobody.",
    mend: 'cloakroom tenant quota {tenant} default',
    look: ({ tenants = [] }) =>
      tenants
        .filter(({ quotaPerDay }) => (quotaPerDay ?? 0) > QUOTA_MOST)
        .map(({ tenant, quotaPerDay }) => ({
          seen: `Each party of tenant ${tenant} may look ${quotaPerDay} times a day.`,
          names: { tenant },
        })),
  },
]
