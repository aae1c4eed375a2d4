import { parseId, parseTenantId, timedId } from '../../src/core/id.ts'
import { keepContents } from '../../src/vault/incidents/notices/contents.ts'
import type { Notice } from '../../src/vault/incidents/notices/notice.ts'
import type { Harness } from '../http/harness.ts'
import type { Estate } from './p11-estates.ts'

/** A draft by another credential than the platform's, and a notice that was published. */
export async function makeNotices(
  { vault, store, now }: Harness,
  tenantName: string,
  of: { credentialId: string; incident: string },
  words: { draft: string; published: string },
): Promise<Pick<Estate, 'notice' | 'published'>> {
  const tenant = parseTenantId(tenantName)!
  const { note } = await vault.keyring.tenantKeys(tenant)
  const make = async (text: string, more: Pick<Notice, 'audience' | 'channel' | 'state'>) => {
    const by = parseId('key', of.credentialId)!
    const notice: Notice = {
      id: timedId('ntc', vault.random, now()),
      incident: parseId('inc', of.incident)!,
      jurisdiction: null,
      draftedBy: by,
      draftedAt: now(),
      editedBy: by,
      approvedBy: null,
      approvedAt: null,
      seed: '00',
      cursor: 0,
      version: 1,
      ...more,
    }
    const contents = { words: { en: { subject: text, text } }, to: [], meets: [] }
    await store.commit(tenant, [
      { type: 'notice.insert', notice },
      keepContents(note.primary.key, tenant, notice.id, contents, now()),
    ])
    return notice.id
  }
  return {
    notice: await make(words.draft, { audience: 'persons', channel: 'page', state: 'draft' }),
    published: await make(words.published, { audience: 'public', channel: 'public', state: 'sent' }),
  }
}
