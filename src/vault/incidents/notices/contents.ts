import type { NoticeId, TenantId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { SymmetricKey } from '../../../crypto/envelope.ts'
import type { Change } from '../../changes.ts'
import { addNote, readNote } from '../../notes.ts'
import { notFound } from '../../transact.ts'
import type { Vault } from '../../vault.ts'
import type { Notice } from './notice.ts'
import type { Contents } from './words.ts'

/** Texts are free and addresses may be somebody's: both are sealed. Each edit adds a note, so that all that was written stays. */
export function keepContents(
  key: SymmetricKey,
  tenant: TenantId,
  about: NoticeId,
  contents: Contents,
  now: Instant,
): Change {
  return addNote(key, { tenant, about, subject: null, text: JSON.stringify(contents) }, now)
}

/** What a notice says now: the last that was written. */
export async function contentsOf(vault: Vault, tenant: TenantId, id: NoticeId): Promise<Contents> {
  const note = (await vault.store.listNotesAbout(tenant, id)).at(-1)
  if (!note) return { words: {}, to: [], meets: [] }
  const keys = await vault.keyring.tenantKeys(tenant)
  return JSON.parse(readNote(keys.note.opening(note.sealed), tenant, id, note.sealed)) as Contents
}

export async function mustFindNotice(vault: Vault, tenant: TenantId, id: NoticeId): Promise<Notice> {
  const notice = await vault.store.findNotice(tenant, id)
  if (!notice) throw notFound('notice')
  return notice
}
