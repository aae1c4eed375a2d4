import { setTimeout as pause } from 'node:timers/promises'
import { Commits } from '../../src/storage/postgres/commit.ts'
import { GroupCommit } from '../../src/storage/sqlite/group-commit.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { TenantId } from '../../src/core/id.ts'

// Broken on purpose, for the controls of P1 to P3: the service, but that a reveal is answered before its commit, and that a
// failed sync does not end it.

const LATE_MS = 100

type Commit = (tenant: TenantId, changes: readonly Change[]) => Promise<void>

function answerEarly(prototype: { commit: Commit }): void {
  const { commit } = prototype
  prototype.commit = async function (this: unknown, ...args: Parameters<Commit>): Promise<void> {
    const [, changes] = args
    const reveals = changes.some(
      (change) => change.type === 'event.append' && change.event.event.type === 'reveal.allowed',
    )
    if (!reveals) return commit.apply(this, args)
    // Whatever becomes of it, nobody hears.
    void pause(LATE_MS)
      .then(() => commit.apply(this, args))
      .catch(() => undefined)
  }
}

answerEarly(GroupCommit.prototype)
answerEarly(Commits.prototype)

process.exit = (() => undefined) as unknown as typeof process.exit

await import('../../src/cli/main.ts')
