import { VaultError } from '../../core/errors.ts'
import { parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { secret } from '../../core/secret.ts'
import { parseKeyId } from '../../crypto/envelope.ts'
import type { RotationLevel } from '../../vault/keys/rotation.ts'
import { isRotationLevel } from '../../vault/keys/rotation.ts'
import type { ControlArgs, ControlCommand } from './control.ts'
import type { KeyService } from './key-service.ts'
import type { Rotations } from './rotations.ts'
import type { Offer } from './unseal.ts'

/** What `cloakroom seal`, `unseal` and `keys` ask of the service. */
export function keyCommands(keys: KeyService, rotations: Rotations): Record<string, ControlCommand> {
  return {
    async seal() {
      await keys.seal()
      return { sealed: true }
    },
    async unseal(args) {
      const { locks, firstCredential } = await keys.unseal(offerIn(args))
      return { sealed: keys.sealed, locks, first_credential: firstCredential?.exposeSecret() ?? null }
    },
    async 'keys.status'() {
      return keys.status()
    },
    async 'keys.destroy_root'(args) {
      const [asks, approves] = [textIn(args, 'asks'), textIn(args, 'approves')]
      return keys.destroyRootKey(rootKeyIn(args), {
        asks: secret(asks ?? ''),
        approves: secret(approves ?? ''),
      })
    },
    async 'keys.rotate'(args, report) {
      const level = levelIn(args)
      if (level === 'root') await keys.take(rootKeyIn(args), offersIn(args))
      const done = await rotations.rotate(level, tenantIn(args), report)
      return { rotations: done }
    },
  }
}

function textIn(args: ControlArgs, name: string): string | undefined {
  const value = args[name]
  return typeof value === 'string' ? value : undefined
}

function offerIn(args: ControlArgs): Offer {
  const [passphrase, share] = [textIn(args, 'passphrase'), textIn(args, 'share')]
  if (passphrase !== undefined) return { kind: 'passphrase', passphrase: secret(passphrase) }
  if (share !== undefined) return { kind: 'share', share: secret(share) }
  return { kind: 'nothing' }
}

/** What opens the new root key, all at once: whoever made it has it. */
function offersIn(args: ControlArgs): readonly Offer[] {
  const { shares } = args
  if (!Array.isArray(shares)) return [offerIn(args)]
  return shares.map((share) => ({ kind: 'share', share: secret(String(share)) }))
}

function levelIn(args: ControlArgs): RotationLevel {
  const level = textIn(args, 'level') ?? ''
  if (!isRotationLevel(level))
    throw new VaultError('invalid_request', `There is no level "${level}" of keys.`)
  return level
}

function tenantIn(args: ControlArgs): TenantId | undefined {
  const name = textIn(args, 'tenant')
  if (name === undefined) return undefined
  const tenant = parseTenantId(name)
  if (!tenant) throw new VaultError('not_found', 'No such tenant.')
  return tenant
}

function rootKeyIn(args: ControlArgs): string {
  const id = parseKeyId(textIn(args, 'root_key_id') ?? '')
  if (id === undefined) throw new VaultError('invalid_request', 'Say which root key, by its id.')
  return id
}
