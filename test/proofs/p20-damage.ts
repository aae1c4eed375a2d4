import { Encrypter } from 'age-encryption'
import type { Decrypter } from 'age-encryption'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isVaultError } from '../../src/core/errors.ts'
import { readBackup } from '../../src/runtime/node/backup/read.ts'

/** A backup that was changed or cut, at very many places: each of them has to be refused. */

/** age's header is some 200 bytes; every place in it and behind it, and around each chunk of its stream. */
const HEAD_BYTES = 512
const CHUNK_BYTES = 64 * 1024 + 16

export type Damage = { tried: number; taken: string[] }

export type Samples = { samples: number; step: number }

type Whole = { file: string; decrypter: Decrypter; recipient: string }

/**
 * @param step of the first bytes, every how manyth.
 * @param samples how many further places are drawn.
 */
export async function damageEverywhere(
  { file, decrypter, recipient }: Whole,
  { samples, step }: Samples,
): Promise<Damage> {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-damage-'))
  const damage: Damage = { tried: 0, taken: [] }
  const attempt = async (what: string, bytes: Uint8Array) => {
    damage.tried += 1
    if (await isTaken(folder, bytes, decrypter)) damage.taken.push(what)
  }
  try {
    const sealed = readFileSync(file)
    if (!(await isTaken(folder, sealed, decrypter))) throw new Error('the backup itself is refused')
    for (const at of places(sealed.length, { samples, step })) {
      await attempt(`cut at byte ${at} of the file`, sealed.subarray(0, at))
      await attempt(`bit flipped at byte ${at} of the file`, flipped(sealed, at))
    }
    // As somebody can who knows the recipient and has once seen what is inside: age itself then finds nothing wrong.
    const plain = await decrypter.decrypt(sealed)
    for (const at of places(plain.length, { samples: Math.ceil(samples / 4), step })) {
      await attempt(`cut at byte ${at} inside`, await encrypt(plain.subarray(0, at), recipient))
      // The seal at the end is compared with the key in hand, which the restore itself does.
      if (at < plain.length - 32)
        await attempt(`bit flipped at byte ${at} inside`, await encrypt(flipped(plain, at), recipient))
    }
    await attempt('one byte more inside', await encrypt(Buffer.concat([plain, Buffer.of(0)]), recipient))
    await attempt('one byte more behind', Buffer.concat([sealed, Buffer.of(0)]))
    await attempt('nothing', new Uint8Array())
    return damage
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function places(length: number, { samples, step }: Samples): Set<number> {
  const chunks = Array.from({ length: Math.ceil(length / CHUNK_BYTES) }, (_, i) => i * CHUNK_BYTES)
  const around = chunks.flatMap((at) => [-17, -16, -1, 0, 1, 16].map((by) => HEAD_BYTES / 2 + at + by))
  const first = Array.from({ length: HEAD_BYTES / step }, (_, i) => i * step)
  const last = Array.from({ length: 64 / step }, (_, i) => length - 1 - i * step)
  const drawn = Array.from({ length: samples }, () => randomInt(length))
  return new Set([...first, ...around, ...last, ...drawn].filter((at) => at >= 0 && at < length))
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at]! ^= 1 << randomInt(8)
  return copy
}

async function encrypt(plain: Uint8Array, recipient: string): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return encrypter.encrypt(plain)
}

async function isTaken(folder: string, bytes: Uint8Array, decrypter: Decrypter): Promise<boolean> {
  const [file, into] = [join(folder, 'damaged.age'), join(folder, 'out.sqlite')]
  writeFileSync(file, bytes)
  try {
    await readBackup(file, decrypter, into)
    return true
  } catch (error) {
    if (!isVaultError(error, 'backup_invalid')) throw error
    return false
  } finally {
    rmSync(into, { force: true })
  }
}
