import { randomInt } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readBackup } from '../../src/runtime/node/backup/read.ts'
import type { Site } from './p20-service.ts'
import type { ProofReport } from './report.ts'

/** A target is there whole or not at all, and the next start leaves nothing of the copy. */
export async function killWhileBackingUp(
  site: Site,
  kills: number,
  failures: string[],
): Promise<ProofReport['figures']> {
  const { recipient, decrypter } = await site.identity('third')
  let whole = 0
  let copying = 0
  for (let no = 0; no < kills; no++) {
    await site.start('restored')
    const target = join(site.path('safe'), `killed-${no}.age`)
    const asked = site.run('restored', 'backup', '--to', target, '--recipient', recipient)
    if (await appears(site, asked)) copying += 1
    await new Promise((resolve) => setTimeout(resolve, randomInt(60)))
    await site.end('SIGKILL')
    await asked
    if (existsSync(target)) {
      whole += 1
      // Throws if it is not whole.
      await readBackup(target, decrypter, site.path(`killed-${no}.sqlite`))
    }
    await site.start('restored')
    const left = copiesIn(site)
    if (left.length > 0) failures.push(`a killed backup left ${left.join(', ')}`)
    await site.end('SIGTERM')
  }
  return { 'killed while the copy was there': copying, 'whole nevertheless': whole }
}

function copiesIn(site: Site): string[] {
  return readdirSync(site.path('restored')).filter((name) => name.startsWith('backup-copy'))
}

/** @returns whether the copy was seen before the command came to its end. */
async function appears(site: Site, asked: Promise<unknown>): Promise<boolean> {
  const over = asked.then(() => true)
  while (copiesIn(site).length === 0) {
    const pause = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 2))
    if (await Promise.race([over, pause])) return false
  }
  return true
}
