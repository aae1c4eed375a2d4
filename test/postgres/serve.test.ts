import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PostgresNode } from '../proofs/postgres-deployment.ts'
import { newDatabase } from './opened.ts'

const keys = mkdtempSync(join(tmpdir(), 'cloakroom-keys-'))
const platform = `ck_default_${'0123456789abcdef'.repeat(3)}`
let nodes: PostgresNode[] = []

beforeAll(async () => {
  const shared = {
    CLOAKROOM_DATABASE_URL: await newDatabase(),
    CLOAKROOM_KEYS: keys,
    CLOAKROOM_BOOTSTRAP_KEY: platform,
  }
  nodes = [new PostgresNode(shared), new PostgresNode(shared)]
  await Promise.all(nodes.map((node) => node.start()))
})
afterAll(() => {
  for (const node of nodes) node.discard()
  rmSync(keys, { recursive: true })
})

async function call(
  node: PostgresNode,
  path: string,
  body?: object,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${node.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${platform}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, text: await response.text() }
}

/** How many events the newest checkpoint covers. */
async function covered(node: PostgresNode): Promise<number> {
  const { status, text } = await call(node, '/log/default/checkpoint')
  return status === 200 ? Number(text.split('\n')[1]) : 0
}

async function addParty(node: PostgresNode): Promise<string> {
  const { status, text } = await call(node, '/v1/parties', { kind: 'merchant', name: 'Shop' })
  expect(status).toBe(201)
  return (JSON.parse(text) as { id: string }).id
}

const SECOND_MS = 1_000

describe('`cloakroom serve` on PostgreSQL', () => {
  test('two nodes that started at once on an empty database serve one vault', async () => {
    const [one, other] = nodes as [PostgresNode, PostgresNode]
    for (const node of nodes) await expect.poll(async () => (await call(node, '/readyz')).status).toBe(200)
    const id = await addParty(one)
    expect((await call(other, `/v1/parties/${id}`)).status).toBe(200)
  })

  test('after one is killed the log is covered on within seconds, whichever had the lead', async () => {
    const [one, other] = nodes as [PostgresNode, PostgresNode]
    await expect.poll(() => covered(other), { timeout: 5 * SECOND_MS }).toBeGreaterThan(0)
    for (const [killed, left] of [
      [one, other],
      [other, one],
    ] as const) {
      await killed.kill()
      const before = await covered(left)
      await addParty(left)
      await expect.poll(() => covered(left), { timeout: 6 * SECOND_MS }).toBeGreaterThan(before)
      await killed.start()
    }
  })
})
