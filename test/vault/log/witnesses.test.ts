import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Witness as WitnessService } from '../../../src/cli/witness/witness.ts'
import { originHash } from '../../../src/cli/witness/state.ts'
import { parseTenantId } from '../../../src/core/id.ts'
import type { TenantId } from '../../../src/core/id.ts'
import { openCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { cosign, countCosignatures } from '../../../src/tlog/cosignature.ts'
import { ed25519Signer, parseVerifier } from '../../../src/tlog/note.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { publicCheckpoint } from '../../../src/vault/log/proofs.ts'
import { logVerifierKey } from '../../../src/vault/log/signer.ts'
import { WitnessRounds } from '../../../src/vault/log/witnesses.ts'
import type { WitnessAnswer, WitnessTransport } from '../../../src/vault/log/witness-visit.ts'
import { openHarness } from '../../http/harness.ts'
import type { Harness } from '../../http/harness.ts'
import { MadeLog } from '../../cli/made-log.ts'

const TENANT = parseTenantId('default') as TenantId
const ORIGIN = 'vault.test/log/default'

/** What a witness answers instead, to a request; undefined to let it answer. `null` is no answer. */
type Lie = (request: string) => Promise<WitnessAnswer | null> | WitnessAnswer | null | undefined

/** A witness that can be made to misbehave. */
class TestWitness {
  readonly signer
  readonly url
  readonly kept = new Map<string, string>()
  calls = 0
  lie: Lie | undefined
  showsCheckpoints = true
  #service: WitnessService | undefined

  constructor(n: number) {
    this.signer = ed25519Signer(`w.test/${n}`, 4, new Uint8Array(32).fill(n))
    this.url = `http://w${n}`
  }

  watch(vkey: string): void {
    const log = parseVerifier(vkey)!
    const state = {
      find: (origin: string) => Promise.resolve(this.kept.get(origin)),
      keep: (origin: string, note: string) => Promise.resolve(void this.kept.set(origin, note)),
    }
    const logs = new Map([[log.name, [log]]])
    this.#service = new WitnessService({
      signer: this.signer,
      logs,
      state,
      nowMs: Date.now,
      suspect: () => undefined,
    })
  }

  async add(request: string): Promise<WitnessAnswer | undefined> {
    this.calls++
    const lie = await this.lie?.(request)
    if (lie !== undefined) return lie ?? undefined
    return this.#service!.addCheckpoint(request)
  }

  latest(origin: string): Promise<string | undefined> {
    return this.showsCheckpoints ? this.#service!.latest(originHash(origin)) : Promise.resolve(undefined)
  }
}

let harness: Harness
let platform: string
let witnesses: TestWitness[]
let elapsed: number
let outcomes: string[]
let alarms: { witness: string; proven: boolean }[]

beforeEach(async () => {
  harness = await openHarness()
  platform = await harness.addTenant('default')
  witnesses = [1, 2, 3].map((n) => new TestWitness(n))
  elapsed = 0
  outcomes = []
  alarms = []
  await grow(1)
  const vkey = await logVerifierKey(harness.vault, TENANT)
  for (const witness of witnesses) witness.watch(vkey)
})
afterEach(() => harness.close())

/** New events, and a checkpoint over them. */
async function grow(times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    const body = { kind: 'merchant', name: `Shop ${i}` }
    expect((await harness.call(platform, '/v1/parties', { body })).status).toBe(201)
    await integrateLogs(harness.vault)
  }
}

function roundsOf(quorum: number, of = witnesses): WitnessRounds {
  const at = (url: string) => of.find((witness) => witness.url === url)!
  const transport: WitnessTransport = {
    addCheckpoint: (url, request) => at(url).add(request),
    latest: (url, origin) => at(url).latest(origin),
  }
  const set = { quorum, witnesses: of.map(({ url, signer }) => ({ url, verifier: signer.verifier })) }
  const watcher = {
    visited: ({ witness, outcome, changed }: { witness: string; outcome: string; changed: boolean }) =>
      void outcomes.push(`${witness.slice(-1)} ${outcome}${changed ? '' : ' again'}`),
    rolledBack: ({ witness, proven }: { witness: string; proven: boolean }) =>
      void alarms.push({ witness, proven }),
    failed: (error: unknown) => {
      throw error
    },
  }
  return new WitnessRounds({ vault: harness.vault, set, transport, watcher, elapsedMs: () => elapsed })
}

async function turn(rounds: WitnessRounds): Promise<void> {
  await rounds.turn()
  await rounds.settled()
}

const findLog = async () => (await harness.store.findLog(TENANT))!
const cosignedSize = async () => (await findLog()).cosigned?.size ?? null

test('a checkpoint that enough witnesses cosigned is what the public gets, with their lines', async () => {
  const rounds = roundsOf(2)
  await turn(rounds)
  for (let i = 0; i < 5; i++) {
    await grow()
    await turn(rounds)
    const note = await publicCheckpoint(harness.vault, TENANT)
    const { size } = await findLog()
    const key = parseVerifier(await logVerifierKey(harness.vault, TENANT))!
    expect(openCheckpoint(note, key)?.size).toBe(size)
    const policy = { witnesses: witnesses.map(({ signer }) => signer.verifier), quorum: 3 }
    expect(countCosignatures(note, policy)).toBe(3)
  }
  expect(alarms).toEqual([])
})

test('nothing is submitted twice while the log stands still', async () => {
  const rounds = roundsOf(2)
  for (let i = 0; i < 5; i++) await turn(rounds)
  expect(witnesses.map(({ calls }) => calls)).toEqual([1, 1, 1])
})

test('a service that starts anew learns from the witness what it has, and goes on from there', async () => {
  await turn(roundsOf(3))
  await grow(3)
  await turn(roundsOf(2, witnesses.slice(0, 2)))
  await grow(3)
  outcomes = []
  await turn(roundsOf(3))
  expect(outcomes.toSorted()).toEqual(['1 cosigned', '2 cosigned', '3 cosigned'])
  expect(await cosignedSize()).toBe((await findLog()).size)
})

describe('a witness that is down or lies', () => {
  const forger = ed25519Signer('w.test/1', 4, new Uint8Array(32).fill(99))
  const noteIn = (request: string) => request.slice(request.indexOf('\n\n') + 2)
  const LIES: Record<string, { lie: Lie; outcome: string }> = {
    'is down': { lie: () => null, outcome: 'no_answer' },
    'does not know the log': { lie: () => ({ status: 404, body: '' }), outcome: 'unknown_log' },
    'does not trust the key': { lie: () => ({ status: 403, body: '' }), outcome: 'key_refused' },
    'is broken': { lie: () => ({ status: 500, body: '<html>' }), outcome: 'refused' },
    'answers nonsense': { lie: () => ({ status: 200, body: 'ok' }), outcome: 'bad_signature' },
    'answers nothing': { lie: () => ({ status: 200, body: '' }), outcome: 'bad_signature' },
    'signs with another key': {
      lie: async (request) => ({ status: 200, body: await cosign(noteIn(request), forger, 1) }),
      outcome: 'bad_signature',
    },
    'signs another checkpoint': {
      lie: async () => {
        const { signer } = new TestWitness(1)
        return {
          status: 200,
          body: await cosign(await (await new MadeLog(ORIGIN).grow(3)).checkpoint(), signer, 1),
        }
      },
      outcome: 'bad_signature',
    },
    'has a size that is none': { lie: () => ({ status: 409, body: '-1\n' }), outcome: 'nonsense' },
    'has ever another size': {
      lie: (request) => ({ status: 409, body: request.startsWith('old 0\n') ? '1\n' : '0\n' }),
      outcome: 'nonsense',
    },
    'claims a larger size': { lie: () => ({ status: 409, body: '9000\n' }), outcome: 'other_history' },
    'claims another history': { lie: () => ({ status: 422, body: '' }), outcome: 'other_history' },
  }

  test.each(Object.entries(LIES))(
    '%s: the others suffice, it is counted, and no alarm',
    async (_, { lie, outcome }) => {
      witnesses[0]!.lie = lie
      const rounds = roundsOf(2)
      await turn(rounds)
      expect(await cosignedSize()).toBe((await findLog()).size)
      await grow()
      await turn(rounds)
      expect(await cosignedSize()).toBe((await findLog()).size)
      elapsed += 1_000
      await turn(rounds)
      expect(outcomes.filter((said) => said.startsWith('1'))).toEqual([`1 ${outcome}`, `1 ${outcome} again`])
      expect(alarms).toEqual([])
      expect(rounds.isRolledBack).toBe(false)
      witnesses[0]!.lie = undefined
      elapsed += 60_000
      await turn(rounds)
      expect(outcomes.at(-1)).toBe('1 cosigned')
    },
  )

  test('is asked less and less often, and never left alone for more than a minute', async () => {
    witnesses[0]!.lie = () => null
    const rounds = roundsOf(2)
    const asked: number[] = []
    for (elapsed = 0; elapsed < 400_000; elapsed += 250) {
      const { calls } = witnesses[0]!
      await turn(rounds)
      if (witnesses[0]!.calls > calls) asked.push(elapsed)
    }
    const pauses = asked.slice(1).map((at, i) => at - asked[i]!)
    expect(pauses).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000, 60_000,
    ])
  })

  test('takes its time: neither the turn nor the others’ cosignatures wait for it', async () => {
    let answerAt = (): void => undefined
    witnesses[0]!.lie = () => new Promise((resolve) => (answerAt = () => resolve(null)))
    const rounds = roundsOf(2)
    for (let i = 0; i < 4; i++) {
      await grow()
      await rounds.turn()
      const { size } = await findLog()
      while ((await cosignedSize()) !== size) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(witnesses[0]!.calls).toBe(1)
    answerAt()
    await rounds.settled()
  })

  test('without a quorum nothing counts as witnessed, and the log goes on', async () => {
    witnesses[0]!.lie = witnesses[1]!.lie = () => null
    const rounds = roundsOf(2)
    await turn(rounds)
    await grow(2)
    await turn(rounds)
    expect(await cosignedSize()).toBeNull()
    expect((await findLog()).size).toBeGreaterThan(2)
    expect(alarms).toEqual([])
  })
})

describe('a store that was rolled back', () => {
  /** Witnesses have seen a longer log of the same key; this store has the beginning of it, and maybe another end. */
  async function rolledBack(): Promise<void> {
    const { log } = await harness.vault.keyring.tenantKeys(TENANT)
    const signer = ed25519Signer(ORIGIN, 1, log.primary.key.material.exposeSecret())
    const longer = new MadeLog(ORIGIN)
    Object.assign(longer, { signer })
    await longer.grow(50)
    for (const witness of witnesses) await witness.add(await longer.request(0))
    outcomes = []
  }

  test('one witness that shows what this log’s own key signed suffices for the alarm', async () => {
    await rolledBack()
    const rounds = roundsOf(1, witnesses.slice(0, 1))
    await turn(rounds)
    expect(alarms).toEqual([{ witness: 'w.test/1', proven: true }])
    expect(rounds.isRolledBack).toBe(true)
  })

  test('it is found too when the log has grown beyond what the witness has', async () => {
    await rolledBack()
    await grow(60)
    expect((await findLog()).size).toBeGreaterThan(50)
    const rounds = roundsOf(2)
    await turn(rounds)
    expect(alarms).toEqual([{ witness: expect.any(String), proven: true }])
    expect(outcomes).toContain('1 other_history')
    expect(await cosignedSize()).toBeNull()
  })

  test('witnesses that show nothing are believed once too few are left for the quorum', async () => {
    await rolledBack()
    for (const witness of witnesses) witness.showsCheckpoints = false
    witnesses[2]!.lie = () => null
    const rounds = roundsOf(2)
    await turn(rounds)
    expect(alarms).toEqual([{ witness: expect.any(String), proven: false }])
  })

  test('the alarm stays, the log is submitted no more, and goes on by itself', async () => {
    await rolledBack()
    const rounds = roundsOf(1, witnesses.slice(0, 1))
    await turn(rounds)
    const { calls } = witnesses[0]!
    await grow(3)
    elapsed += 600_000
    await turn(rounds)
    expect(witnesses[0]!.calls).toBe(calls)
    expect(alarms).toHaveLength(1)
    expect(rounds.isRolledBack).toBe(true)
  })

  test('negative control: another key’s longer log under the same name proves nothing', async () => {
    const forged = await new MadeLog(ORIGIN, 9).grow(50)
    const liar = witnesses[0]!
    liar.lie = () => ({ status: 409, body: '50\n' })
    liar.latest = async () => forged.checkpoint()
    const rounds = roundsOf(2)
    await turn(rounds)
    expect(outcomes).toContain('1 other_history')
    expect(alarms).toEqual([])
  })

  test('negative control: an older checkpoint of this very history proves nothing', async () => {
    const liar = witnesses[0]!
    await turn(roundsOf(2))
    const older = liar.kept.get(ORIGIN)!
    await grow(3)
    liar.lie = () => ({ status: 409, body: '9000\n' })
    liar.latest = () => Promise.resolve(older)
    const rounds = roundsOf(2)
    await turn(rounds)
    expect(outcomes).toContain('1 other_history')
    expect(alarms).toEqual([])
  })
})
