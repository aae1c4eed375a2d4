import type { ServiceProcess } from './service-process.ts'
import { fullReveal, scan } from './p02-p03-people.ts'
import type { Ear, Heard, House } from './p02-p03-people.ts'
import type { Shot } from './p10-connection.ts'

// One fault that comes and goes: while it lasts nothing of a person is answered, and afterwards everything is, by itself.

export type PassingReport = {
  /** Calls that would have shown something of a person, or written something, during the fault. */
  refused: number
  /** Of a person, in all that was answered meanwhile. */
  piiBytes: number
  failures: string[]
}

const ROUNDS = 3

/** Who asks whom about whom. */
export type Visit = { service: ServiceProcess; house: House; ear: Ear }

/** @param begin makes the fault; what it gives ends it. */
export async function passThrough(
  { service, house, ear }: Visit,
  begin: () => Promise<() => Promise<void>>,
): Promise<PassingReport> {
  const report: PassingReport = { refused: 0, piiBytes: 0, failures: [] }
  const { pid } = service
  report.failures.push(...(await allShown(house, ear, 'before')))
  const events = await lastEvent(house, ear)
  const end = await begin()
  for (let round = 0; round < ROUNDS; round++) await refuseAll(house, ear, report)
  report.failures.push(...(await health(ear, 503)))
  if ((await lastEvent(house, ear)) !== events) report.failures.push('something was written during the fault')
  if (!service.isRunning)
    return { ...report, failures: [...report.failures, 'the process did not live through it'] }
  await end()
  report.failures.push(...(await allShown(house, ear, 'after')), ...(await health(ear, 200)))
  if (service.pid !== pid || !service.isRunning) report.failures.push('the process did not live through it')
  return report
}

/** Every way to something of a person; and one that only writes. */
function callsOf(house: House): Shot[] {
  const { world, people } = house
  const key = world.shop.key
  return people.flatMap((known, n): Shot[] => {
    const { tokens, session, canary } = known
    const items = Object.entries(tokens).map(([name, token]) => ({ key: name, token }))
    return [
      fullReveal(house, [known], n),
      scan(house, known),
      { method: 'POST', path: '/v1/mask', key, body: { items } },
      { method: 'POST', path: '/v1/search', key, body: { purpose: 'order', phone: canary.person.phone } },
      { method: 'GET', path: '/v1/me', key: session },
      { method: 'GET', path: '/v1/me/export', key: session },
      {
        method: 'POST',
        path: '/v1/parties',
        key: world.platform,
        body: { kind: 'courier', name: 'Another' },
      },
    ]
  })
}

async function refuseAll(house: House, ear: Ear, report: PassingReport): Promise<void> {
  const calls = [...callsOf(house), fullReveal(house, house.people, 0)]
  const answers = await Promise.all(calls.map((shot) => ear.ask(shot)))
  answers.forEach((heard, i) => {
    const { path } = calls[i]!
    if (isRefused(heard)) report.refused += 1
    else report.failures.push(`${path} was answered ${heard.status} ${codeOf(heard)} during the fault`)
    const hits = house.canaries.in(heard.text)
    if (hits.length === 0) return
    report.piiBytes += heard.text.length
    report.failures.push(`${path} showed something of a person during the fault`)
  })
}

function isRefused(heard: Heard): boolean {
  return heard.status === 503 && codeOf(heard) === 'log_unavailable'
}

function codeOf({ text, isWhole }: Heard): string {
  if (!isWhole) return 'in part'
  return (JSON.parse(text) as { code?: string }).code ?? ''
}

async function allShown(house: House, ear: Ear, when: string): Promise<string[]> {
  const calls = callsOf(house)
  const answers = await Promise.all(calls.map((shot) => ear.ask(shot)))
  const failed = answers.flatMap(({ status }, i) =>
    status < 300 ? [] : [`${calls[i]!.path} was answered ${status} ${when}`],
  )
  const reveal = await ear.ask(fullReveal(house, house.people, 0))
  const seen = new Set(house.canaries.in(reveal.text).map(({ needle }) => needle))
  if (seen.size !== house.people.length) failed.push(`not everybody was shown ${when}`)
  return failed
}

async function lastEvent({ world }: House, ear: Ear): Promise<string> {
  type Page = { items: { id: string }[]; next_cursor: string | null }
  for (let cursor = ''; ;) {
    const path = `/v1/events?limit=100${cursor}`
    const { text, isWhole } = await ear.ask({ method: 'GET', path, key: world.platform })
    if (!isWhole) return 'not to be read'
    const page = JSON.parse(text) as Page
    if (page.next_cursor === null) return page.items.at(-1)?.id ?? ''
    cursor = `&cursor=${page.next_cursor}`
  }
}

/** The process answers all the while; whether it can do its work is another question. */
async function health(ear: Ear, ready: number): Promise<string[]> {
  const asked = { method: 'GET', key: '' } as const
  const lives = await ear.ask({ ...asked, path: '/healthz' })
  const isReady = await ear.ask({ ...asked, path: '/readyz' })
  return [
    ...(lives.status === 200 ? [] : [`/healthz was answered ${lives.status}`]),
    ...(isReady.status === ready ? [] : [`/readyz was answered ${isReady.status}, has to be ${ready}`]),
  ]
}
