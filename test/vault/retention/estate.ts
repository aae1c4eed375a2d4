import type { TenantId } from '../../../src/core/id.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { cleanUp } from '../../../src/vault/retention/clean.ts'
import type { RetentionKind } from '../../../src/vault/retention/policy.ts'
import { openWorld } from '../../http/world.ts'
import type { Customer, World } from '../../http/world.ts'

export const DEFAULT = 'default' as TenantId

export type Row = {
  id: string
  index: number
  type: string
  code?: string
  counts?: Record<string, number>
}

/** A platform with one customer, and what retention is asked about it. */
export type Estate = World & {
  customer: Customer
  /** The whole log, as its reader sees it. */
  events(credential?: string): Promise<Row[]>
  cleanings(kind: RetentionKind): Promise<Row[]>
  /** As many new people, and an event for each. */
  bringIn(people: number): Promise<void>
  /** The job's turn, between two of the integrator's. */
  round(): Promise<void>
}

export async function openEstate(): Promise<Estate> {
  const world = await openWorld()
  const events: Estate['events'] = async (credential = world.platform) => {
    const rows: Row[] = []
    for (let cursor = ''; ;) {
      const { body } = await world.ok(credential, `/v1/events?limit=100${cursor && `&cursor=${cursor}`}`)
      rows.push(...body.items)
      if (body.next_cursor === null) return rows
      cursor = body.next_cursor
    }
  }
  return {
    ...world,
    customer: await world.addCustomer('u-1'),
    events,
    async cleanings(kind) {
      return (await events()).filter(({ type, code }) => type === 'retention.cleaned' && code === kind)
    },
    async bringIn(people) {
      for (let from = 0; from < people; from += 500) {
        const items = Array.from({ length: Math.min(500, people - from) }, (_, i) => ({
          key: `k${i}`,
          external_ref: `x-${from + i}`,
          person: { name: '王', email: `x${i}@example.com` },
        }))
        await world.ok(world.platform, '/v1/tokenize', { party: world.shop.id, items })
      }
    },
    async round() {
      await integrateLogs(world.vault)
      await cleanUp(world.vault)
      await integrateLogs(world.vault)
    },
  }
}
