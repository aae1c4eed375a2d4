// `npm run edge:measure-move [-- PERSONS]`: how long it takes to move a tenant out of its object, under `wrangler dev` on this machine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { addParcels, addPersons, makeWorld } from './bench/world.ts'
import { ADMIN_SECRET, URL, sealedFolder, startEdge } from './edge/dev-service.ts'

const persons = Number(process.argv[2] ?? 10_000)
const PERSONS_A_PARCEL = 5
const TENANT = `${URL}/admin/tenants/default`
const folder = mkdtempSync(join(tmpdir(), 'cloakroom-edge-move-'))

async function makeTenant(): Promise<string> {
  const headers = { authorization: `Bearer ${ADMIN_SECRET}` }
  const response = await fetch(TENANT, { method: 'PUT', headers })
  return ((await response.json()) as { credential: string }).credential
}

/** Linux, proc(5). NaN where the system does not tell. */
function peakKiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    // It has ended, or this is no Linux.
    return Number.NaN
  }
}

/** @returns seconds, and the most memory that the command had. */
async function move(): Promise<{ seconds: number; peak: number }> {
  const started = performance.now()
  const args = ['src/cli/main.ts', 'move', '--from', TENANT, '--to', join(folder, 'moved')]
  const env = { ...process.env, CLOAKROOM_ADMIN_SECRET: ADMIN_SECRET }
  const child = spawn(process.execPath, args, { env, stdio: 'inherit' })
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, peakKiB(child.pid ?? 0) || 0)), 50)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(watch)
  if (code !== 0) throw new Error(`cloakroom move ended with ${code}`)
  return { seconds: (performance.now() - started) / 1000, peak }
}

try {
  await sealedFolder(folder)
  const service = await startEdge(folder)
  try {
    const world = await makeWorld(URL, await makeTenant())
    await addParcels(world, await addPersons(world.merchant, 0, persons, PERSONS_A_PARCEL))
    const before = service.cpuSeconds()
    const { seconds, peak } = await move()
    const after = service.cpuSeconds()
    console.log(
      `${persons} persons, a parcel for every ${PERSONS_A_PARCEL}th: ${seconds.toFixed(1)} s, peak ${peak} KiB; ` +
        `CPU of the Worker and its object ${(after.worker - before.worker).toFixed(1)} s; load average ${loadavg()[0]?.toFixed(1)}`,
    )
  } finally {
    await service.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
