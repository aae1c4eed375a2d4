import { parseTenantId } from '../core/id.ts'
import { readConfig } from '../runtime/node/config.ts'
import { addTenant, openVault, setDailyQuota } from '../runtime/node/compose.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command } from './command.ts'

const USAGE = `Usage: cloakroom tenant list
       cloakroom tenant create <name>
       cloakroom tenant quota <name> <reveals a day | default>

Works on the data folder of \`cloakroom serve\`, while the service is stopped. A name is 1 to 40 of a-z, 0-9 and -.
\`create\` prints the tenant's platform credential, once.
`

export const command: Command = {
  name: 'tenant',
  summary: 'lists and creates tenants',
  usage: USAGE,
  async run([action, name, value, ...more], io) {
    const tenant = parseTenantId(name ?? '')
    const wellFormed =
      more.length === 0 &&
      ((action === 'list' && name === undefined) ||
        (action === 'create' && tenant && value === undefined) ||
        (action === 'quota' && tenant && /^(default|[0-9]{1,12})$/.test(value ?? '')))
    if (!wellFormed) {
      io.stderr.write(USAGE)
      return EXIT_USAGE
    }
    const opened = await openVault(readConfig(io.env))
    try {
      if (action === 'create' && tenant) {
        const credential = await addTenant(opened.vault, tenant)
        io.stdout.write(`Tenant ${tenant} is made. Its platform credential, shown this once:\n\n`)
        io.stdout.write(`  ${credential.exposeSecret()}\n`)
      } else if (action === 'quota' && tenant) {
        await setDailyQuota(opened.vault, tenant, value === 'default' ? undefined : Number(value))
        io.stdout.write(`Tenant ${tenant}: ${value} reveals a day for each party.\n`)
      } else {
        for (const { id } of await opened.vault.store.listTenants()) io.stdout.write(`${id}\n`)
      }
    } finally {
      await opened.close()
    }
    return EXIT_OK
  },
}
