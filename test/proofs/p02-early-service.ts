import { setTimeout as pause } from 'node:timers/promises'
import { GroupCommit } from '../../src/storage/sqlite/group-commit.ts'

// Broken on purpose, for the controls of P1 to P3: the service, but that a reveal is answered before its commit, and that a
// failed sync does not end it.

const LATE_MS = 100

// oxlint-disable-next-line typescript/unbound-method -- called on the instance it was taken from
const { commit } = GroupCommit.prototype
type Commit = typeof commit

GroupCommit.prototype.commit = async function (
  this: GroupCommit,
  ...args: Parameters<Commit>
): Promise<void> {
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

process.exit = (() => undefined) as unknown as typeof process.exit

await import('../../src/cli/main.ts')
