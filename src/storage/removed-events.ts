import type { StoredEvent } from '../vault/audit/event.ts'
import type { AuditReads } from '../vault/store.ts'

/** How many pages of a log one list looks at for events that are still there. */
const MAX_PAGES = 100

/** The log's reads without the events whose time is over: those answer like what never was. */
export function hidingRemoved(reads: AuditReads): AuditReads {
  return {
    ...reads,
    async findEvent(tenant, id) {
      const found = await reads.findEvent(tenant, id)
      return found && isThere(found) ? found : undefined
    },
    async listEvents(tenant, filter, page) {
      const rows: StoredEvent[] = []
      let after = page.after
      for (let pages = 1; ; pages++) {
        const limit = page.limit - rows.length
        const listed = await reads.listEvents(tenant, filter, {
          limit,
          ...(after !== undefined && { after }),
        })
        rows.push(...listed.rows.filter(isThere))
        const gone = rows.length < page.limit && listed.rows.some((row) => !isThere(row))
        if (listed.next === null || !gone || pages >= MAX_PAGES) return { rows, next: listed.next }
        after = listed.next
      }
    },
  }
}

function isThere({ bytes }: StoredEvent): boolean {
  return bytes.length > 0
}
