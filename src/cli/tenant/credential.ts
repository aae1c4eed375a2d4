import { isVaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { openVault } from '../../runtime/node/compose.ts'
import { readConfig } from '../../runtime/node/config.ts'
import { callControl } from '../../runtime/node/control.ts'
import { tenantCommands } from '../../runtime/node/tenant-commands.ts'
import type { IssuedCredential } from '../../runtime/node/tenant-commands.ts'
import type { Io } from '../command.ts'

/** Another platform credential: of the running service, or made here where none runs on the data folder. */
export async function issueCredential(tenant: TenantId, label: string, io: Io): Promise<void> {
  const { id, secret } = (await ofService({ tenant, label }, io)) ?? (await here({ tenant, label }, io))
  io.stdout.write(`Another platform credential of tenant ${tenant}, ${id}. Its secret, shown this once:\n\n`)
  io.stdout.write(`  ${secret}\n`)
}

type Wanted = { tenant: TenantId; label: string }

async function ofService(wanted: Wanted, io: Io): Promise<IssuedCredential | undefined> {
  try {
    const { dataFolder } = readConfig(io.env)
    return (await callControl(dataFolder, 'tenant.credential', wanted)) as IssuedCredential
  } catch (error) {
    if (isVaultError(error, 'service_not_running')) return undefined
    throw error
  }
}

async function here(wanted: Wanted, io: Io): Promise<IssuedCredential> {
  const opened = await openVault(readConfig(io.env))
  try {
    return (await tenantCommands(opened.vault)['tenant.credential'](
      wanted,
      () => undefined,
    )) as IssuedCredential
  } finally {
    await opened.close()
  }
}
