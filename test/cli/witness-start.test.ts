import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { addSignatureLines } from '../../src/tlog/cosignature.ts'
import { parseVerifier } from '../../src/tlog/note.ts'
import { MadeLog, sizeOf } from './made-log.ts'
import { WITNESS, WitnessProcess } from './witness-process.ts'

/** Is gone with its test, however that ends. */
function forThisTest(witness: WitnessProcess): WitnessProcess {
  onTestFinished(() => witness.discard())
  return witness
}

describe('a witness does not start', () => {
  const log = new MadeLog()
  const witness = new WitnessProcess([log.vkey])
  const run = (args: readonly string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [...WITNESS, ...args], { encoding: 'utf8' })
    return { status, stderr }
  }
  beforeAll(async () => {
    await log.grow(3)
    await witness.start()
    await witness.add(await log.request(0))
  })
  afterAll(() => witness.discard())

  test('on a state folder that another is using', () => {
    const { status, stderr } = run(witness.args.map((arg) => (/^\d{4,5}$/.test(arg) ? '0' : arg)))
    expect(status).toBe(1)
    expect(stderr).toContain('in use by another process')
  })

  test('on a state that it did not write, or that is damaged: it would have forgotten', async () => {
    await witness.end()
    const [name] = readdirSync(witness.state).filter((name) => name.endsWith('.checkpoint'))
    const file = join(witness.state, name!)
    const whole = readFileSync(file, 'utf8')
    const other = forThisTest(new WitnessProcess([log.vkey]))
    await other.start()
    const foreign = addSignatureLines(
      await log.checkpoint(),
      await (await other.add(await log.request(0))).text(),
    )
    for (const text of ['', whole.slice(0, -1), whole.replace('\n3\n', '\n2\n'), foreign]) {
      writeFileSync(file, text)
      const { status, stderr } = run(witness.args)
      expect([status, stderr.includes('is not a checkpoint that this witness cosigned')]).toEqual([1, true])
    }
    writeFileSync(file, whole)
    await witness.start()
    expect(sizeOf(await witness.latest('log.test/a'))).toBe(3)
  })

  test('with a key that others can read, of another name, or that is none', () => {
    const args = ['--state', join(witness.folder, 'b'), '--log', log.vkey, '--port', '0']
    const key = ['--key', witness.keyFile]
    expect(run([...args, ...key, '--name', 'other.test/w']).stderr).toContain('is that of witness.test/w1')
    chmodSync(witness.keyFile, 0o644)
    expect(run([...args, ...key, '--name', witness.name]).stderr).toContain('chmod 600')
    chmodSync(witness.keyFile, 0o600)
    const none = join(witness.folder, 'none')
    expect(run([...args, '--key', none, '--name', 'w']).stderr).toContain('does not exist')
    const damaged = readFileSync(witness.keyFile, 'utf8').replace(/"key": "./, '"key": "/')
    writeFileSync(none, damaged, { mode: 0o600 })
    expect(run([...args, '--key', none, '--name', witness.name]).stderr).toMatch(/damaged/)
  })

  test('without what it needs: exit 2', () => {
    const rest = ['--state', 's', '--key', 'k', '--name', 'w']
    const calls = [
      [],
      rest,
      [...rest, '--log', 'nonsense'],
      [...rest, '--log', witness.vkey],
      [...rest, '--log', log.vkey, '--log', log.vkey],
      [...rest, '--log', log.vkey, '--port', '70000'],
      ['keygen', '--key', 'k'],
      ['keygen', '--key', 'k', '--name', 'a b'],
      ['keygen', '--key', 'k', '--name', 'w', '--state', 's'],
    ]
    for (const args of calls) expect(run(args), args.join(' ')).toMatchObject({ status: 2 })
  })
})

test('keygen makes a key for its owner alone, and never writes over one', async () => {
  const witness = forThisTest(new WitnessProcess([]))
  expect(statSync(witness.keyFile).mode & 0o777).toBe(0o600)
  expect(parseVerifier(witness.vkey)).toMatchObject({ name: witness.name, algorithm: 4 })
  const before = readFileSync(witness.keyFile)
  const again = spawnSync(process.execPath, [...WITNESS, 'keygen', '--name', 'x', '--key', witness.keyFile])
  expect(again.status).toBe(1)
  expect(again.stderr.toString()).toContain('never written over')
  expect(readFileSync(witness.keyFile)).toEqual(before)
  expect(readdirSync(witness.folder)).toEqual(['key'])
})
