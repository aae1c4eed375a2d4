import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from '../seeded.ts'
import { runCommand } from './service.ts'
import type { Folder, Service } from './service.ts'
import type { World } from './world.ts'

const PROOFS = 500

async function textOf(url: string, key?: string): Promise<string> {
  const response = await fetch(url, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } })
  if (response.status !== 200) throw new Error(`${url}: ${response.status}`)
  return response.text()
}

async function checkpointSize(service: Service): Promise<number> {
  return Number((await textOf(`${service.url}/log/default/checkpoint`)).split('\n')[1])
}

/** Until the checkpoint has not grown for a second: nothing more is being said. @returns its size. */
async function settled(service: Service): Promise<number> {
  for (let size = -1; ;) {
    const now = await checkpointSize(service)
    if (now === size) return size
    size = now
    await new Promise((resolve) => setTimeout(resolve, 1_500))
  }
}

/** The events at these places of the log. */
async function eventsAt(
  service: Service,
  { platform }: World,
  indices: readonly number[],
): Promise<string[]> {
  const ids: string[] = []
  for (const index of indices) {
    const page = await textOf(`${service.url}/v1/events?limit=1&cursor=${index}`, platform.key)
    ids.push((JSON.parse(page) as { items: { id: string }[] }).items[0]?.id ?? '')
  }
  return ids
}

/** How long a proof of any event takes, one after the other, and the check of the whole log by its public files. */
export async function measureLog(service: Service, world: World, folder: Folder): Promise<void> {
  const size = await settled(service)
  const random = seeded(2)
  const ids = await eventsAt(
    service,
    world,
    Array.from({ length: PROOFS }, () => Math.floor(random() * (size - 1))),
  )
  const times: number[] = []
  for (const id of ids) {
    const started = performance.now()
    await textOf(`${service.url}/v1/events/${id}/proof`, world.platform.key)
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(share * times.length)] ?? Number.NaN).toFixed(2)
  console.log(
    `proof of an event in a log of ${size.toLocaleString('en')}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  )
  const key = join(folder.path, 'log.vkey')
  writeFileSync(key, await textOf(`${service.url}/log/default/vkey`))
  const started = performance.now()
  runCommand(folder, ['verify', '--log', `${service.url}/log/default`, '--vkey', key])
  const seconds = (performance.now() - started) / 1000
  console.log(`verify of the whole log of ${size.toLocaleString('en')}: ${seconds.toFixed(1)} s`)
}
