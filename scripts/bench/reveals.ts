import { fire } from './load.ts'
import type { Load } from './load.ts'
import type { World } from './world.ts'

export function headers(credential: string): Record<string, string> {
  return { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
}

function revealBodies(waybills: readonly string[], perCall: number): string[] {
  return Array.from({ length: Math.floor(waybills.length / perCall) }, (_, call) =>
    JSON.stringify({
      purpose: 'delivery',
      operator: { id: 'emp-17', device: 'hh-0042' },
      items: waybills
        .slice(call * perCall, (call + 1) * perCall)
        .map((waybill) => ({ key: waybill, waybill })),
    }),
  )
}

/** Each waybill once; what is not shown whole counts as wrong. */
export type ShootReveals = (
  waybills: readonly string[],
  perCall: number,
  connections: number,
) => Promise<Load>

export function revealsAt(url: string, { courier }: World): ShootReveals {
  const shot = { method: 'POST', path: '/v1/reveal', headers: headers(courier.key) } as const
  const allShown = (body: string) => !body.includes('denied') && body.includes('"value":"+86138')
  return (waybills, perCall, connections) =>
    fire(url, shot, revealBodies(waybills, perCall), allShown, connections)
}
