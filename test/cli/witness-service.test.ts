import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openLogSource } from '../../src/cli/verify/log-source.ts'
import { verifyLog } from '../../src/cli/verify/verify-log.ts'
import { parseCheckpoint } from '../../src/tlog/checkpoint.ts'
import { countCosignatures } from '../../src/tlog/cosignature.ts'
import { parseNote, parseVerifier } from '../../src/tlog/note.ts'
import { FORGETFUL, WITNESS, WitnessProcess } from './witness-process.ts'
import { WitnessedService, eventually } from './witnessed-service.ts'

const sizeOf = (note: string) => parseCheckpoint(parseNote(note)?.text ?? '')?.size ?? 0

type Witnessed = { service: WitnessedService; witnesses: WitnessProcess[]; set: object }

/** A service whose checkpoints two witnesses cosign, in three processes. */
async function witnessed(quorum: number, program: readonly string[] = WITNESS): Promise<Witnessed> {
  const service = new WitnessedService()
  await service.start()
  const vkey = (await service.text('/log/default/vkey')).trim()
  await service.stop()
  const witnesses = [1, 2].map((n) => new WitnessProcess([vkey], { name: `w.test/${n}`, program }))
  for (const witness of witnesses) await witness.start()
  const set = { quorum, witnesses: witnesses.map(({ url, vkey }) => ({ url, vkey })) }
  await service.start(set)
  return { service, witnesses, set }
}

async function discard({ service, witnesses }: Witnessed): Promise<void> {
  await service.discard()
  for (const witness of witnesses) await witness.discard()
}

const policyOf = ({ witnesses }: Witnessed) => ({
  witnesses: witnesses.map(({ vkey }) => parseVerifier(vkey)!),
  quorum: witnesses.length,
})

/** The size of the newest checkpoint that so many have cosigned, once it has at least `size` leaves. */
async function cosignedAt(all: Witnessed, size: number, by: number): Promise<number> {
  return eventually(async () => {
    const note = await all.service.text('/log/default/checkpoint')
    const enough = sizeOf(note) >= size && countCosignatures(note, policyOf(all)) >= by
    return enough ? sizeOf(note) : undefined
  })
}

async function eventCount({ service }: Witnessed): Promise<number> {
  const { items } = (await (await service.call('/v1/events?limit=100')).json()) as { items: unknown[] }
  return items.length
}

async function metric({ service }: Witnessed): Promise<string | undefined> {
  return /^cloakroom_log_rolled_back (.*)$/m.exec(await service.text('/metrics'))?.[1]
}

/** Rolls the data back to before what the witnesses cosigned last; `ready` as the service then says. */
async function rollBack(all: Witnessed): Promise<void> {
  const { service, set } = all
  await cosignedAt(all, await eventCount(all), 2)
  await service.stop()
  service.copyAway()
  await service.start(set)
  await service.work(5)
  await cosignedAt(all, await eventCount(all), 2)
  await service.stop()
  service.putBack()
}

describe('a service with two witnesses', () => {
  let all: Witnessed
  beforeAll(async () => {
    all = await witnessed(2)
  })
  afterAll(() => discard(all))

  test('gives out a checkpoint that both cosigned, and the whole log verifies against it', async () => {
    await all.service.work(10)
    await cosignedAt(all, await eventCount(all), 2)
    const vkey = (await all.service.text('/log/default/vkey')).trim()
    const trusted = { log: parseVerifier(vkey)!, ...policyOf(all) }
    const verdict = await verifyLog(openLogSource(`${all.service.url}/log/default`), trusted)
    expect(verdict).toMatchObject({ faults: [], cosignatures: 2 })
  })

  test('goes on with a witness that is killed and comes back, and says so once', async () => {
    const [first] = all.witnesses
    await first!.end()
    await all.service.work(5)
    const size = await eventCount(all)
    await eventually(async () => (all.service.stderr.includes('no_answer') ? true : undefined))
    expect((await all.service.call('/readyz')).status).toBe(200)
    expect(sizeOf(await all.service.text('/log/default/checkpoint'))).toBeLessThan(size)
    await first!.start()
    await cosignedAt(all, size, 2)
    expect(all.service.stderr.match(/no_answer/g)).toHaveLength(1)
    expect(await all.service.text('/metrics')).toMatch(
      /cloakroom_witness_visits_total\{witness="w.test\/1",outcome="no_answer"\} \d/,
    )
  })

  test('negative control: started again on what it had, it stays ready', async () => {
    await all.service.stop()
    await all.service.start(all.set)
    await eventually(async () => (all.service.stderr.includes('"outcome":"cosigned"') ? true : undefined))
    await all.service.work(2)
    await cosignedAt(all, await eventCount(all), 2)
    expect((await all.service.call('/readyz')).status).toBe(200)
    expect(await metric(all)).toBe('0')
  })
})

describe('a service whose store was rolled back', () => {
  test('gets no cosignature any more, and says so on /readyz, in its figures and in its log', async () => {
    const all = await witnessed(2)
    onTestFinished(() => discard(all))
    await rollBack(all)
    for (const witness of all.witnesses) await witness.restart()
    await all.service.start(all.set)
    await eventually(async () => ((await all.service.call('/readyz')).status === 503 ? true : undefined))
    const problem = await (await all.service.call('/readyz')).json()
    expect(problem).toMatchObject({
      status: 503,
      detail: 'Not ready: log.',
      errors: [{ pointer: '/checks/log' }],
    })
    expect(await metric(all)).toBe('1')
    expect(all.service.stderr).toMatch(/"event":"log_rolled_back","code":"log_rolled_back".*"proven":true/)
    // The witnesses stop the log's word from counting, not the service from working.
    await all.service.work(20)
    const [first] = all.witnesses
    const kept = (await first!.latest('vault.test/log/default'))!
    expect(countCosignatures(kept, policyOf(all))).toBe(1)
  })

  test('negative control: witnesses that write nothing down let it pass, once they were started again', async () => {
    const all = await witnessed(2, FORGETFUL)
    onTestFinished(() => discard(all))
    await rollBack(all)
    for (const witness of all.witnesses) await witness.restart()
    await all.service.start(all.set)
    await all.service.work(3)
    await cosignedAt(all, await eventCount(all), 2)
    expect((await all.service.call('/readyz')).status).toBe(200)
    expect(await metric(all)).toBe('0')
  })
})

describe('CLOAKROOM_WITNESSES that cannot be', () => {
  const [a, b] = [1, 2].map((n) => new WitnessProcess([], { name: `w.test/${n}` }))
  const [first, second] = [a!, b!].map(({ vkey }, i) => ({ url: `http://127.0.0.1:${i + 1}`, vkey }))
  const service = new WitnessedService()
  afterAll(async () => {
    await service.discard()
    await a!.discard()
    await b!.discard()
  })

  test.each([
    ['{', 'it is not JSON'],
    [{ quorum: 1 }, '`witnesses` must be'],
    [{ quorum: 1, witnesses: [] }, '`witnesses` must be'],
    [{ quorum: 0, witnesses: [first] }, '`quorum` must be'],
    [{ quorum: 2, witnesses: [first] }, '`quorum` must be'],
    [{ quorum: '1', witnesses: [first] }, '`quorum` must be'],
    [{ quorum: 1, witnesses: [first], more: 1 }, '`more` is not a member'],
    [{ quorum: 1, witnesses: [{ ...first, more: 1 }] }, 'no member `more`'],
    [{ quorum: 1, witnesses: [{ ...first, url: 'ftp://x' }] }, '`witnesses[0]` needs an http'],
    [{ quorum: 1, witnesses: [{ ...first, url: 'http://x/?a' }] }, '`witnesses[0]` needs an http'],
    [{ quorum: 1, witnesses: [first, { ...second, vkey: 'w+1+AA' }] }, '`witnesses[1]` needs the `vkey`'],
    [{ quorum: 1, witnesses: [first, { ...second, vkey: first!.vkey }] }, 'same key'],
    [{ quorum: 1, witnesses: [first, { ...second, url: first!.url }] }, 'same `url`'],
  ])('stops the start: %j', async (set, said) => {
    await expect(service.start(set)).rejects.toThrow(said)
  })
})
