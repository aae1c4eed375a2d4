import { nodeOf, startAll } from './deployment.ts'
import type { Deploy, Deployment } from './deployment.ts'
import { Connection } from './p10-connection.ts'
import type { Answer, Shot } from './p10-connection.ts'
import { itemOf, wholePhone } from './p10-kinds.ts'
import { World } from './p10-world.ts'

// The same races over real services: a grant of ten uses, and a day's quota, asked for through all nodes at once.

export type ServicesSize = { races: number; parallel: number }

const USES = 10

export async function raceOverServices(
  deploy: Deploy,
  size: ServicesSize,
): Promise<{ figures: Record<string, number>; failures: string[] }> {
  const deployment = await deploy()
  const quota = size.parallel / 10
  try {
    await deployment.nodes[0].setDailyQuota(quota)
    await startAll(deployment)
    return await race(deployment, size, quota)
  } finally {
    deployment.discard()
  }
}

async function race(deployment: Deployment, { races, parallel }: ServicesSize, quota: number) {
  const socketsEach = Math.ceil(parallel / deployment.nodes.length)
  const connections = deployment.nodes.map((node) => new Connection(node, socketsEach))
  const failures: string[] = []
  let allowed = 0
  const judge = (what: string, limit: number, code: string, answers: readonly Answer[]) => {
    const ok = answers.filter((answer) => itemOf(answer)?.status === 'ok').length
    const denied = answers.filter((answer) => itemOf(answer)?.code === code).length
    allowed += ok
    if (ok === limit && denied === answers.length - limit) return
    failures.push(`${what}: ${ok} of ${limit} allowed, ${denied} of ${answers.length} denied`)
  }
  for (let i = 0; i < races; i++) {
    // A shop of its own each time: it has the whole day's quota.
    const control = new Connection(nodeOf(deployment, i))
    const world = await World.open(control, deployment.platformKey, i * parallel * 2)
    const person = await world.person()
    await world.legalGrant(person, { usesMax: USES })
    const uses = Array.from({ length: parallel }, () => wholePhone(world, person))
    judge('uses', USES, 'grant_exhausted', await atOnce(connections, uses))
    const others = await World.open(control, deployment.platformKey, i * parallel * 2 + parallel)
    const days: Shot[] = []
    for (let n = 0; n < parallel; n++) days.push(firstLook(others, (await others.person()).tokens.phone))
    judge('quota', quota, 'quota_exhausted', await atOnce(connections, days))
    control.close()
  }
  for (const connection of connections) connection.close()
  return { figures: { 'races over services': races * 2, 'allowed in these': allowed }, failures }
}

function firstLook({ shop }: World, token: string): Shot {
  const items = [{ key: 'a', token, order_ref: 'SO-1' }]
  const body = { purpose: 'customer_service', operator: { id: 'emp-1' }, items }
  return { method: 'POST', path: '/v1/reveal', key: shop.key, body }
}

/** Each through the next node. What is answered `conflict` had no effect, and is asked again. */
function atOnce(connections: readonly Connection[], shots: readonly Shot[]): Promise<Answer[]> {
  const untilTold = async (shot: Shot, n: number): Promise<Answer> => {
    for (let tried = 1; ; tried++) {
      const answer = await connections[(n + tried) % connections.length]!.send(shot)
      if (answer.status !== 409 || tried === MAX_TRIES) return answer
    }
  }
  return Promise.all(shots.map(untilTold))
}

const MAX_TRIES = 20
