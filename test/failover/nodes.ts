import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '../proofs/p10-connection.ts'
import { World } from '../proofs/p10-world.ts'
import { CLOAKROOM, ENOUGH_FOR_ANYBODY, ServiceProcess } from '../proofs/service-process.ts'

/** One of two `cloakroom serve` on one database, with one key folder between them. */
class Node extends ServiceProcess {
  readonly #shared: NodeJS.ProcessEnv

  constructor(shared: NodeJS.ProcessEnv) {
    super(CLOAKROOM)
    this.#shared = shared
  }

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, ...this.#shared }
  }
}

export type Nodes = {
  both: readonly [Node, Node]
  world: World
  /** How many commits that had lost their connection the nodes settled, as they say themselves. */
  settled(as: 'stands' | 'undone' | 'unknown'): number
  discard(): void
}

export async function startNodes(databaseUrl: string): Promise<Nodes> {
  const keys = mkdtempSync(join(tmpdir(), 'cloakroom-keys-'))
  const shared = { CLOAKROOM_DATABASE_URL: databaseUrl, CLOAKROOM_KEYS: keys }
  const one = new Node(shared)
  const other = new Node({ ...shared, CLOAKROOM_BOOTSTRAP_KEY: one.platformKey })
  await one.setDailyQuota(ENOUGH_FOR_ANYBODY)
  await Promise.all([one.start(), other.start()])
  const world = await World.open(new Connection(one, 4), one.platformKey)
  return {
    both: [one, other],
    world,
    settled(as) {
      const said = `"event":"lost_commit_settled","message":"${as}"`
      return (one.errors + other.errors).split(said).length - 1
    },
    discard() {
      world.control.close()
      one.discard()
      other.discard()
      rmSync(keys, { recursive: true, force: true })
    },
  }
}
