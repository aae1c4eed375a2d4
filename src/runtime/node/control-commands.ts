import { backupCommand } from './backup/backup.ts'
import type { BackupSource } from './backup/backup.ts'
import type { ControlCommand } from './control.ts'
import { doctorCommand } from './doctor/doctor.ts'
import { keyCommands } from './key-commands.ts'
import type { KeyService } from './key-service.ts'
import type { Rotations } from './rotations.ts'
import { tenantCommands } from './tenant-commands.ts'
import type { Vault } from '../../vault/vault.ts'

/** What commands on the same machine can ask of this service. */
export type ControlParts = { vault: Vault; keys: KeyService; rotations: Rotations; backup?: BackupSource }

/** Everything that the control socket answers, by name. A noun's commands are in a file of their own and are spread in here. */
export function controlCommands({
  vault,
  keys,
  rotations,
  backup,
}: ControlParts): Record<string, ControlCommand> {
  return {
    async ping() {
      return 'pong'
    },
    doctor: doctorCommand(vault),
    ...keyCommands(keys, rotations),
    ...tenantCommands(vault),
    ...(backup && { backup: backupCommand(backup) }),
  }
}
