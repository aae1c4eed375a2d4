import { mkdirSync, readFileSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { originHash } from '../../src/cli/witness/state.ts'
import { recordingEnded, whyNoRecording } from '../proofs/p01-p03-strace.ts'
import { MadeLog, sizeOf } from './made-log.ts'
import { FORGETFUL, WITNESS, WitnessProcess } from './witness-process.ts'

/** Is gone with its test, however that ends. */
function forThisTest(witness: WitnessProcess): WitnessProcess {
  onTestFinished(() => witness.discard())
  return witness
}

/** Of a witness that is killed after every answer: which fork or rolled-back checkpoint it then cosigned. */
async function forgottenAfterKills(program: readonly string[], rounds: number): Promise<string[]> {
  const [log, fork] = [new MadeLog(), new MadeLog()]
  await log.grow(40)
  await fork.grow(40, 'other ')
  const witness = forThisTest(new WitnessProcess([log.vkey], { program }))
  const wrong: string[] = []
  await witness.start()
  for (let size = 1; size <= rounds; size++) {
    const oldSize = sizeOf(await witness.latest('log.test/a')) ?? 0
    expect((await witness.add(await log.request(oldSize, size))).status).toBe(200)
    await witness.restart()
    if (sizeOf(await witness.latest('log.test/a')) !== size) wrong.push(`forgot ${size}`)
    if ((await witness.add(await fork.request(0, size))).status === 200) wrong.push(`forked at ${size}`)
  }
  return wrong
}

describe('what a witness has cosigned', () => {
  test('it remembers through kill -9 after every answer, and cosigns neither fork nor roll-back', async () => {
    expect(await forgottenAfterKills(WITNESS, 8)).toEqual([])
  })

  test('negative control: one that does not write it down is found out', async () => {
    expect(await forgottenAfterKills(FORGETFUL, 1)).toEqual(['forgot 1', 'forked at 1'])
  })

  test('is never less than what it answered, wherever in the middle of its work it is killed', async () => {
    const log = await new MadeLog().grow(4_000)
    const witness = forThisTest(new WitnessProcess([log.vkey]))
    let answered = 0
    for (let kill = 0; kill < 8; kill++) {
      await witness.start()
      let size = sizeOf(await witness.latest('log.test/a')) ?? 0
      expect(size).toBeGreaterThanOrEqual(answered)
      let killed: Promise<void> | undefined
      for (let alive = true, times = 0; alive; times++) {
        // It has answered some by then, however slow the machine is.
        if (times === 1 + kill) killed = sleep(2 * kill).then(() => witness.end())
        const response = await witness.add(await log.request(size, size + 1)).catch(() => undefined)
        alive = response?.status === 200
        if (alive) answered = ++size
      }
      await killed
      expect(readdirSync(witness.state).filter((name) => name.endsWith('.checkpoint')).length).toBeLessThan(2)
    }
    expect(answered).toBeGreaterThan(8)
  })

  test('503 without a cosignature while it cannot be written down, and it comes back by itself', async () => {
    const log = await new MadeLog().grow(5)
    const witness = forThisTest(new WitnessProcess([log.vkey]))
    await witness.start()
    const inTheWay = join(witness.state, `${originHash('log.test/a')}.checkpoint.new`)
    mkdirSync(inTheWay)
    const refused = await witness.add(await log.request(0))
    expect([refused.status, await refused.text()]).toEqual([
      503,
      'the witness cannot remember anything now\n',
    ])
    expect(await witness.latest('log.test/a')).toBeUndefined()
    rmdirSync(inTheWay)
    expect((await witness.add(await log.request(0))).status).toBe(200)
  })

  test('is one history, whatever arrives at once', async () => {
    const log = await new MadeLog().grow(100)
    const fork = await new MadeLog().grow(100, 'other ')
    const witness = forThisTest(new WitnessProcess([log.vkey]))
    await witness.start()
    const bodies = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? fork : log).request(0, 60 + i)),
    )
    const statuses = await Promise.all(bodies.map(async (body) => (await witness.add(body)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(39)
    expect(sizeOf(await witness.latest('log.test/a'))).toBe(60 + statuses.indexOf(200))
  })

  test.skipIf(whyNoRecording())(
    'is on disk before it is said: synced, put in place, the folder synced, and then the answer',
    async () => {
      const log = await new MadeLog().grow(50)
      const witness = forThisTest(new WitnessProcess([log.vkey]))
      const trace = join(witness.folder, 'trace')
      // What a program hands to the kernel in a ring is seen by no tracer.
      const noRings = ['-e', 'inject=?io_uring_setup:error=ENOSYS']
      const calls =
        'trace=?io_uring_setup,fsync,fdatasync,rename,renameat,renameat2,write,writev,sendto,sendmsg'
      await witness.start(['strace', '-D', '-f', '-y', '-s', '24', '-e', calls, ...noRings, '-o', trace])
      for (let size = 1; size <= 20; size++)
        expect((await witness.add(await log.request(size - 1, size))).status).toBe(200)
      await witness.end('SIGTERM')
      await recordingEnded(trace, witness.pid)
      const steps = stepsIn(readFileSync(trace, 'utf8'))
      // When it lets go of the folder it syncs it once more.
      const said = steps.slice(0, steps.lastIndexOf('answer') + 1)
      expect(said).toEqual(
        Array.from({ length: 20 }, () => ['sync', 'rename', 'sync folder', 'answer']).flat(),
      )
    },
  )
})

/** What the process did, in the order in which the kernel had done it. */
function stepsIn(trace: string): string[] {
  const begun = new Map<string, string>()
  return trace.split('\n').flatMap((line) => {
    const pid = /^\d+/.exec(line)?.[0] ?? ''
    if (line.includes('<unfinished ...>')) {
      begun.set(pid, line)
      // An answer is given when it begins to be, the rest is done when it has ended.
      return line.includes('HTTP/1.1 200') ? ['answer'] : []
    }
    const whole = line.includes('resumed>') ? (begun.get(pid) ?? '') : line
    if (/f(data)?sync\(\d+<[^>]*\.checkpoint\.new>/.test(whole)) return ['sync']
    if (/rename\w*\(.*\.checkpoint/.test(whole)) return ['rename']
    if (/fsync\(\d+<[^>]*\/state>/.test(whole)) return ['sync folder']
    return whole === line && line.includes('HTTP/1.1 200') ? ['answer'] : []
  })
}
