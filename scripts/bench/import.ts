import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLOAKROOM } from './service.ts'
import type { Folder, Service } from './service.ts'
import type { World } from './world.ts'

const MAKE_ORDERS = join(import.meta.dirname, '..', 'make-orders.ts')

/** Runs a program to its end. @returns its output, seconds and peak memory in MiB. */
async function run(args: readonly string[]): Promise<{ output: string; seconds: number; peakMib: number }> {
  const started = performance.now()
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  let peakMib = 0
  const watch = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    peakMib = Math.max(peakMib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
  }, 200)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(watch)
  if (code !== 0) throw new Error(`${args.join(' ')}: ended with ${code}`)
  return { output, seconds: (performance.now() - started) / 1000, peakMib }
}

/** A shop's export of `orders` orders, through the command line, into the running service. */
export async function measureImport(
  service: Service,
  world: World,
  folder: Folder,
  orders: number,
): Promise<void> {
  const file = join(folder.path, 'orders.csv')
  const keyFile = join(folder.path, 'merchant.key')
  writeFileSync(keyFile, world.merchant.key, { mode: 0o600 })
  await run([MAKE_ORDERS, 'taobao', String(orders), file])
  const options = [
    '--format',
    'taobao',
    '--url',
    service.url,
    '--key-file',
    keyFile,
    '--party',
    world.merchant.id,
  ]
  const { output, seconds, peakMib } = await run([CLOAKROOM, 'import', file, ...options])
  console.log(
    `import of ${orders.toLocaleString('en')} orders: ${seconds.toFixed(1)} s, peak ${peakMib.toFixed(0)} MiB: ${output.trim().split('\n').at(-1)}`,
  )
}
