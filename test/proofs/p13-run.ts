import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { HttpLogEntry } from '../../src/http/log.ts'
import { PUBLIC_URL } from '../http/harness.ts'
import type { Call } from './p13-calls.ts'
import type { Cast } from './p13-cast.ts'
import { faultsOf } from './p13-check.ts'
import { routeAt } from './p13-document.ts'
import type { Service } from './p13-document.ts'
import { fill } from './p13-values.ts'

/** Anything that answers requests: the app, or one that is broken on purpose. */
export type Target = (request: Request) => Response | Promise<Response>

/** What is under test, and where its log entries are to be found while a call runs. */
export type Subject = {
  target: Target
  service: Service
  calls: Arbitrary<Call>
  logged: HttpLogEntry[]
  /** Whether what fails is made small, however long that takes. */
  shrinks: boolean
}

/** Calls of one stretch run so many at once: they share a flush to disk, as they do in the service. */
const AT_ONCE = 16
/** Nothing that a caller can send may hold the service up: of the process's own time, however busy the machine is with others. */
const MAX_BATCH_MS = 5_000
/** Longer than this is no answer at all. */
const MAX_WAIT_MS = 120_000
/** Of one request: past the most that a body may hold, and no more however often it is repeated in it. */
const MAX_LETTERS = 9_000_000

export class Run {
  readonly failures: string[] = []
  readonly statuses = new Map<number, number>()
  /** Routes that answered well at least once: what is refused at the door alone proves little. */
  readonly succeeded = new Set<string>()
  calls = 0
  slowestMs = 0
  readonly #subject: Subject
  readonly #service: Service
  readonly #batches: Arbitrary<Call[]>

  constructor(subject: Subject) {
    this.#subject = subject
    this.#service = subject.service
    this.#batches = fc.array(subject.calls, { minLength: 1, maxLength: AT_ONCE, size: 'max' })
  }

  /** Some thousand calls with one cast. Stops at the first fault and says how to see it again. */
  async stretch(cast: Cast, seed: number, calls: number): Promise<void> {
    const property = fc.asyncProperty(this.#batches, async (some) => {
      const faults = await this.#batch(cast, some)
      if (faults.length > 0) throw new Error(faults.join('; '))
    })
    const until = this.calls + calls
    for (let part = 0; this.calls < until; part++) {
      const numRuns = Math.ceil((until - this.calls) / AT_ONCE)
      const given = await fc.check(property, {
        seed: seed + part,
        numRuns,
        timeout: MAX_WAIT_MS,
        endOnFailure: !this.#subject.shrinks,
      })
      if (given.failed) this.failures.push(await this.#explain(cast, given))
    }
  }

  async #explain(cast: Cast, given: fc.RunDetails<[Call[]]>): Promise<string> {
    const { seed, counterexamplePath: path, errorInstance: error } = given
    const [calls] = given.counterexample ?? [[]]
    const why = error instanceof Error ? error.message : String(error)
    for (const call of calls) {
      const alone = await this.#batch(cast, [call])
      if (alone.length > 0) return `seed ${seed}, path ${path}: ${alone.join('; ')}: ${shown(call)}`
    }
    return `seed ${seed}, path ${path}: ${why}: ${calls.map(shown).join(' + ')}`
  }

  async #batch(cast: Cast, calls: readonly Call[]): Promise<string[]> {
    this.#subject.logged.length = 0
    const before = process.cpuUsage()
    const faults = (await Promise.all(calls.map((call, i) => this.#one(cast, call, this.calls + i)))).flat()
    const { user, system } = process.cpuUsage(before)
    const took = (user + system) / 1_000
    this.slowestMs = Math.max(this.slowestMs, took)
    if (took > MAX_BATCH_MS) faults.push(`${Math.round(took)} ms`)
    const log = JSON.stringify(this.#subject.logged)
    if (calls.some((_, i) => log.includes(markOf(this.calls + i)))) faults.push('echo in the log')
    this.calls += calls.length
    return faults
  }

  async #one(cast: Cast, call: Call, number: number): Promise<string[]> {
    const mark = markOf(number)
    const request = requestOf(cast, call, mark, number)
    if (!request) return []
    const response = await this.#subject.target(request)
    const { status, headers } = response
    const text = await response.text()
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    const { pathname } = new URL(request.url)
    const route = routeAt(this.#service, request.method, pathname)
    if (route && response.ok) this.succeeded.add(route.name)
    return faultsOf(route, { method: request.method, pathname, mark }, { status, headers, text })
  }
}

/** As letters and digits, so that it may stand in any name. */
function markOf(number: number): string {
  return `zqm${number.toString(36).padStart(7, '0')}`
}

/** @returns undefined for what cannot be sent from here: a header with a control character, say. */
function requestOf(cast: Cast, call: Call, mark: string, turn: number): Request | undefined {
  const { caller, method, path, headers, body } = call
  let room = MAX_LETTERS
  const given = (text: string) =>
    fill(text, (what, number) => {
      if (what !== 'long') return what === 'mark' ? mark : idAt(cast, what, number)
      const letters = Math.min(number, room)
      room -= letters
      return 'l'.repeat(letters)
    })
  const some = cast.credentials[caller] ?? []
  const credential = some[turn % some.length]
  const all = Object.entries(headers).map(([name, value]): [string, string] => [name, given(value)])
  const init = {
    method,
    headers:
      credential === undefined
        ? all
        : [['authorization', `Bearer ${credential}`] as [string, string], ...all],
    ...(body !== undefined && { body: typeof body === 'string' ? given(body) : body }),
  }
  try {
    return new Request(`${PUBLIC_URL}${given(path)}`, init)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function idAt({ ids }: Cast, prefix: string, number: number): string {
  const known = ids.get(prefix) ?? []
  return known[number % known.length] ?? ''
}

function shown({ body, ...call }: Call): string {
  const text =
    body === undefined || typeof body === 'string' ? body : `bytes ${Buffer.from(body).toString('hex')}`
  return JSON.stringify({ ...call, body: text }).slice(0, 1_500)
}
