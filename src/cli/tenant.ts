import { isVaultError } from '../core/errors.ts'
import { parseTenantId } from '../core/id.ts'
import type { TenantId } from '../core/id.ts'
import { DAY_MS, HOUR_MS } from '../core/time.ts'
import { readConfig } from '../runtime/node/config.ts'
import { addTenant, openVault, setDailyQuota } from '../runtime/node/compose.ts'
import type { Opened } from '../runtime/node/compose.ts'
import { parseRetentionKind, retentionOf, setRetention } from '../runtime/node/retention.ts'
import type { RetentionInForce } from '../runtime/node/retention.ts'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Output } from './command.ts'
import { issueCredential } from './tenant/credential.ts'

const USAGE = `Usage: cloakroom tenant list
       cloakroom tenant create <name>
       cloakroom tenant credential <name> --label <text>
       cloakroom tenant quota <name> <reveals a day | default>
       cloakroom tenant retention <name>
       cloakroom tenant retention <name> <kind> <days | default> [--override-reason <text>]

Works on the data folder of \`cloakroom serve\`, while the service is stopped; \`credential\` while it runs too. A name is 1 to 40 of a-z, 0-9 and -.
\`create\` prints the tenant's platform credential, once; \`credential\` makes another, for another person: what takes two people
takes two credentials. \`retention\` shows how long what is kept and why, or sets it; less than
the law's floor takes a reason, which is kept sealed.
`

/** What a well-formed call does with an open vault. */
type Task = (opened: Opened, out: Output) => Promise<void>

export const command: Command = {
  name: 'tenant',
  summary: 'lists, creates and sets up tenants',
  usage: USAGE,
  async run(args, io) {
    const [action, name, option, label, ...more] = args
    const tenant = parseTenantId(name ?? '')
    if (
      action === 'credential' &&
      tenant &&
      option === '--label' &&
      label !== undefined &&
      more.length === 0
    ) {
      await issueCredential(tenant, label, io)
      return EXIT_OK
    }
    const task = taskOf(args)
    if (!task) {
      io.stderr.write(USAGE)
      return EXIT_USAGE
    }
    const opened = await openVault(readConfig(io.env))
    try {
      await task(opened, io.stdout)
    } catch (error) {
      if (!isVaultError(error, 'invalid_request')) throw error
      io.stderr.write(`${error.message}\n`)
      return EXIT_FAILED
    } finally {
      await opened.close()
    }
    return EXIT_OK
  },
}

/** Undefined for a call that cannot be understood. */
function taskOf([action, name, ...rest]: readonly string[]): Task | undefined {
  const tenant = parseTenantId(name ?? '')
  if (action === 'list' && name === undefined) return list
  if (!tenant) return undefined
  if (action === 'create' && rest.length === 0) return create(tenant)
  if (action === 'quota') return quota(tenant, rest)
  if (action === 'retention') return rest.length === 0 ? showRetention(tenant) : changeRetention(tenant, rest)
  return undefined
}

const list: Task = async ({ vault }, out) => {
  for (const { id } of await vault.store.listTenants()) out.write(`${id}\n`)
}

function create(tenant: TenantId): Task {
  return async ({ vault }, out) => {
    const credential = await addTenant(vault, tenant)
    out.write(`Tenant ${tenant} is made. Its platform credential, shown this once:\n\n`)
    out.write(`  ${credential.exposeSecret()}\n`)
  }
}

function quota(tenant: TenantId, [value, ...more]: readonly string[]): Task | undefined {
  if (more.length > 0 || !/^(default|[0-9]{1,12})$/.test(value ?? '')) return undefined
  return async ({ vault }, out) => {
    await setDailyQuota(vault, tenant, value === 'default' ? undefined : Number(value))
    out.write(`Tenant ${tenant}: ${value} reveals a day for each party.\n`)
  }
}

function changeRetention(tenant: TenantId, rest: readonly string[]): Task | undefined {
  const [word, value, option, overrideReason, ...more] = rest
  const kind = parseRetentionKind(word ?? '')
  const withReason = option === '--override-reason' && overrideReason !== undefined
  if (!kind || !/^(default|[0-9]{1,6})$/.test(value ?? '') || more.length > 0) return undefined
  if (option !== undefined && !withReason) return undefined
  const days = value === 'default' ? undefined : Number(value)
  return async (opened, out) => {
    await setRetention(opened.vault, tenant, { kind, days, ...(withReason && { overrideReason }) })
    await showRetention(tenant)(opened, out)
  }
}

function showRetention(tenant: TenantId): Task {
  return async ({ vault }, out) => {
    for (const one of await retentionOf(vault, tenant)) out.write(describeRule(one))
  }
}

function describeRule({ rule, keptMs, own, overrideReason }: RetentionInForce): string {
  const { kind, since, floorMs, source, mark, checkedOn } = rule
  const whose = own ? "the tenant's own" : 'default'
  const floor = floorMs > 0 ? `not less than ${duration(floorMs)}` : 'no floor'
  const known = `${mark}, checked ${checkedOn}${mark === 'K' ? ', unverified' : ''}`
  const lines = [`${duration(keptMs)} after ${since} (${whose})`, `${floor}: ${source} [${known}]`]
  if (overrideReason !== undefined) lines.push(`below the floor, because: ${overrideReason}`)
  return lines.map((line, i) => `${(i === 0 ? kind : '').padEnd(KIND_WIDTH)}  ${line}\n`).join('')
}

/** The longest kind's name. */
const KIND_WIDTH = 'disclosure_events'.length

function duration(ms: number): string {
  const [count, unit] = ms % DAY_MS === 0 ? [ms / DAY_MS, 'day'] : [ms / HOUR_MS, 'hour']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
