import { secret } from '../../../src/core/secret.ts'
import { instant } from '../../../src/core/time.ts'
import type { TenantId } from '../../../src/core/id.ts'
import type { Parcel } from '../../../src/vault/incidents/notices/channel.ts'

/** A notice to one person, as a channel takes it. */
export function aParcel(more: Partial<Parcel> = {}): Parcel {
  return {
    id: '00112233445566778899aabbccddeeff',
    tenant: 'default' as TenantId,
    incident: 'inc_x',
    notice: 'ntc_x',
    subject: 'sub_x',
    to: secret('a@example.com'),
    message: { subject: '您的信息', text: 'Es war ein Leck.\nÄ', html: '<p>Ä</p>', language: 'de' },
    at: instant(Date.UTC(2026, 10, 25)),
    ...more,
  }
}
