import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { VaultError, type ErrorCode } from '../../src/core/errors.ts'
import { secret } from '../../src/core/secret.ts'
import { createRootKeyFile, describeRootKey, loadRootKey } from '../../src/runtime/node/root-key.ts'
import { readPassphrase } from '../../src/runtime/node/passphrase.ts'
import vectors from '../crypto/vectors.json' with { type: 'json' }

const PASSPHRASE = secret('correct horse battery staple')

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'root-key-'))
  path = join(folder, 'root.key')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function refusal(act: Promise<unknown>): Promise<{ code: ErrorCode; message: string }> {
  try {
    await act
  } catch (error) {
    if (error instanceof VaultError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('was not refused')
}

async function put(content: unknown): Promise<void> {
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
}

describe('a new root key file', () => {
  test('is for its owner alone, and loads in development', async () => {
    const id = await createRootKeyFile(path, randomBytes)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const key = await loadRootKey(path, { environment: 'development' })
    expect(key.id).toBe(id)
    expect(key.material.exposeSecret().length).toBe(32)
    expect(inspect(key, { depth: 9 })).not.toMatch(/\d+, \d+/)
  })

  test('makes the folder that it lies in, for its owner alone', async () => {
    const deep = join(folder, 'made', 'here', 'root.key')
    await createRootKeyFile(deep, randomBytes)
    expect((await stat(join(folder, 'made', 'here'))).mode & 0o777).toBe(0o700)
  })

  test('is never written over another', async () => {
    await createRootKeyFile(path, randomBytes)
    const before = await readFile(path, 'utf8')
    expect((await refusal(createRootKeyFile(path, randomBytes))).code).toBe('state_conflict')
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('is made once when two start together', async () => {
    const results = await Promise.allSettled([
      createRootKeyFile(path, randomBytes),
      createRootKeyFile(path, randomBytes),
      createRootKeyFile(path, randomBytes),
    ])
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(made.length).toBe(1)
    expect((await loadRootKey(path, { environment: 'development' })).id).toBe(made[0])
  })

  test('with a passphrase holds the key only sealed, and opens with that passphrase alone', async () => {
    await createRootKeyFile(path, randomBytes, PASSPHRASE)
    const key = await loadRootKey(path, { environment: 'production', passphrase: PASSPHRASE })
    const text = await readFile(path, 'utf8')
    expect(text).not.toContain(Buffer.from(key.material.exposeSecret()).toString('base64'))
    const wrong = loadRootKey(path, { environment: 'production', passphrase: secret('correct horse') })
    expect((await refusal(wrong)).code).toBe('passphrase_wrong')
    const none = loadRootKey(path, { environment: 'production' })
    expect((await refusal(none)).code).toBe('passphrase_required')
  })

  test('takes one passphrase however its letters are composed', async () => {
    await createRootKeyFile(path, randomBytes, secret('caf\u00e9 cr\u00e8me'))
    const passphrase = secret('cafe\u0301 cre\u0300me')
    expect((await loadRootKey(path, { environment: 'production', passphrase })).id).toMatch(/^[0-9a-f]{16}$/)
  })
})

describe('a root key file is refused', () => {
  test('where there is none', async () => {
    const { code, message } = await refusal(loadRootKey(path, { environment: 'development' }))
    expect(code).toBe('root_key_missing')
    expect(message).toContain('cloakroom keys init')
  })

  test('when group or others may do anything with it', async () => {
    await createRootKeyFile(path, randomBytes)
    for (const mode of [0o640, 0o604, 0o620, 0o601, 0o666]) {
      await chmod(path, mode)
      const { code, message } = await refusal(loadRootKey(path, { environment: 'development' }))
      expect(code, mode.toString(8)).toBe('root_key_permissions')
      expect(message).toContain(`chmod 600 ${path}`)
    }
    for (const mode of [0o600, 0o400]) {
      await chmod(path, mode)
      await expect(loadRootKey(path, { environment: 'development' })).resolves.toBeDefined()
    }
  })

  test('outside development when it is plain', async () => {
    await createRootKeyFile(path, randomBytes)
    expect((await refusal(loadRootKey(path, { environment: 'production' }))).code).toBe('root_key_plain')
    const withPassphrase = loadRootKey(path, { environment: 'production', passphrase: PASSPHRASE })
    expect((await refusal(withPassphrase)).code).toBe('root_key_plain')
  })

  test('when the data was made with another', async () => {
    const id = await createRootKeyFile(path, randomBytes)
    const other = { environment: 'development', expectedKeyId: '0123456789abcdef' } as const
    expect((await refusal(loadRootKey(path, other))).code).toBe('root_key_wrong')
    await expect(loadRootKey(path, { ...other, expectedKeyId: id })).resolves.toBeDefined()
  })

  test('at every length that it can be cut to', async () => {
    await createRootKeyFile(path, randomBytes, PASSPHRASE)
    const text = (await readFile(path, 'utf8')).trimEnd()
    for (let length = 0; length < text.length; length++) {
      await put(text.slice(0, length))
      const { code } = await refusal(loadRootKey(path, { environment: 'production', passphrase: PASSPHRASE }))
      expect(code, `cut to ${length}`).toBe('root_key_unreadable')
    }
  })

  const [plain, sealed] = vectors.root_key_file.map(({ file }) => file)
  const malformed: [string, unknown][] = [
    ['not JSON', 'root key'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another kind of file', { ...plain, cloakroom: 'backup' }],
    ['a version to come', { ...plain, version: 2 }],
    ['an unknown protection', { ...plain, protection: 'shamir' }],
    ['no key', { ...plain, key: undefined }],
    ['a short key', { ...plain, key: 'AAAA' }],
    ['a key that is not base64', { ...plain, key: '*'.repeat(44) }],
    ['an id in capitals', { ...plain, key_id: '0123456789ABCDEF' }],
    ['memory below the floor', { ...sealed, memory_kib: 19 * 1024 - 1 }],
    ['one pass', { ...sealed, passes: 1 }],
    ['no lane', { ...sealed, lanes: 0 }],
    ['memory above 1 GiB', { ...sealed, memory_kib: 1024 * 1024 + 1 }],
    ['passes without end', { ...sealed, passes: 1e9 }],
    ['memory that is no number', { ...sealed, memory_kib: 'much' }],
    ['half a pass', { ...sealed, passes: 2.5 }],
    ['a short salt', { ...sealed, salt: 'AAAA' }],
    ['a cut envelope', { ...sealed, sealed: sealed?.sealed?.slice(0, -4) }],
    ['far too large', `${JSON.stringify(plain)}${' '.repeat(20_000)}`],
  ]
  test.each(malformed)('when it is %s', async (_, content) => {
    await put(content)
    const passphrase = PASSPHRASE
    const { code } = await refusal(loadRootKey(path, { environment: 'development', passphrase }))
    expect(code).toBe('root_key_unreadable')
  })

  test('when it is a folder', async () => {
    await mkdir(path, { mode: 0o700 })
    expect((await refusal(loadRootKey(path, { environment: 'development' }))).code).toBe(
      'root_key_unreadable',
    )
  })

  test('when its id, salt or envelope was changed: nothing else opens', async () => {
    const flip = (text = '') => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
    for (const change of [
      { key_id: '0123456789abcdee' },
      { salt: flip(sealed?.salt) },
      { sealed: flip(sealed?.sealed) },
      { memory_kib: 65_535 },
      { passes: 4 },
    ]) {
      await put({ ...sealed, ...change })
      const act = loadRootKey(path, { environment: 'production', passphrase: PASSPHRASE })
      expect((await refusal(act)).code, Object.keys(change).join()).toBe('passphrase_wrong')
    }
  })
})

test.each(vectors.root_key_file)('the vector protected by $file.protection opens', async (vector) => {
  await put(vector.file)
  const passphrase = vector.passphrase === null ? {} : { passphrase: secret(vector.passphrase) }
  const key = await loadRootKey(path, { environment: 'development', ...passphrase })
  expect(key.id).toBe(vector.key_id)
  expect(toHex(key.material.exposeSecret())).toBe(vector.key)
})

test('a description says how a key is protected, and nothing of the key', async () => {
  const keyId = await createRootKeyFile(path, randomBytes)
  await chmod(path, 0o644)
  expect(await describeRootKey(path)).toEqual({
    keyId,
    protection: 'none',
    mode: 0o644,
    readableByOthers: true,
  })
})

describe('a passphrase file', () => {
  test('gives its first line without the line end', async () => {
    for (const text of ['correct horse', 'correct horse\n', 'correct horse\r\n', 'correct horse\nsecond']) {
      await writeFile(path, text)
      expect((await readPassphrase(path)).exposeSecret()).toBe('correct horse')
    }
  })

  test('is refused when it is absent, empty or short', async () => {
    expect((await refusal(readPassphrase(path))).code).toBe('passphrase_required')
    for (const text of ['', '\n', 'seven77\n', '\nsecond line']) {
      await writeFile(path, text)
      expect((await refusal(readPassphrase(path))).code).toBe('passphrase_required')
    }
  })
})
