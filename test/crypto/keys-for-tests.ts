import { randomBytes } from 'node:crypto'
import { fromHex, type Bytes } from '../../src/core/bytes.ts'
import { opaqueId, parseTenantId, type SubjectId, type TenantId } from '../../src/core/id.ts'
import { secret } from '../../src/core/secret.ts'
import { newKey, type KeyId, type SymmetricKey } from '../../src/crypto/envelope.ts'

export function hex(text: string): Bytes {
  const bytes = fromHex(text)
  if (bytes === undefined) throw new Error('not hex')
  return bytes
}

export function tenantId(text: string): TenantId {
  const tenant = parseTenantId(text)
  if (tenant === undefined) throw new Error('not a tenant')
  return tenant
}

export function anySubject(): SubjectId {
  return opaqueId('sub', randomBytes)
}

export function anyKey(): SymmetricKey {
  return newKey(randomBytes)
}

export function keyOf(id: KeyId, materialHex: string): SymmetricKey {
  return { id, material: secret(hex(materialHex)) }
}
