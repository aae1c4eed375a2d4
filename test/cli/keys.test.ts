import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { command as keys } from '../../src/cli/keys.ts'
import { runCommand } from './run-command.ts'
import type { Outcome } from './run-command.ts'

let folder: string
let path: string
let passphraseFile: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-command-'))
  path = join(folder, 'root.key')
  passphraseFile = join(folder, 'passphrase')
  await writeFile(passphraseFile, 'correct horse battery staple\n')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function run(args: string[], env: NodeJS.ProcessEnv = { CLOAKROOM_KEYS: folder }): Promise<Outcome> {
  return runCommand(keys, env, ...args)
}

describe('keys init', () => {
  test('makes a plain key in development and says so', async () => {
    const { exit, stdout } = await run(['init'])
    expect(exit).toBe(0)
    expect(stdout).toContain('for development only')
    expect(await readFile(path, 'utf8')).toContain('"protection": "none"')
  })

  test('seals the key with the passphrase of a file, named by option or environment', async () => {
    expect((await run(['init', '--passphrase-file', passphraseFile])).exit).toBe(0)
    expect(await readFile(path, 'utf8')).toContain('"protection": "argon2id"')
    const other = join(folder, 'other.key')
    const env = { CLOAKROOM_ENV: 'production', CLOAKROOM_PASSPHRASE_FILE: passphraseFile }
    expect((await run(['init', '--file', other], env)).exit).toBe(0)
    expect(await readFile(other, 'utf8')).toContain('"protection": "argon2id"')
  })

  test('splits the key into as many shares as asked for, and prints each once', async () => {
    const { exit, stdout } = await run(['init', '--shares', '5', '--threshold', '3'])
    expect(exit).toBe(0)
    const shares = stdout.match(/cks1-[0-9a-f]{16}-3-[1-5]-[0-9a-f]{64}-[0-9a-f]{8}/g)
    expect(new Set(shares).size).toBe(5)
    expect(await readFile(path, 'utf8')).toContain('"protection": "shamir"')
    const too = await run(['init', '--file', join(folder, 'b'), '--shares', '2', '--threshold', '3'])
    expect(too.exit).toBe('config_invalid')
  })

  test('refuses to write over a key', async () => {
    await run(['init'])
    const before = await readFile(path, 'utf8')
    expect((await run(['init'])).exit).toBe('state_conflict')
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('refuses to make a plain key in production, and leaves no file', async () => {
    const env = { CLOAKROOM_KEYS: folder, CLOAKROOM_ENV: 'production' }
    expect((await run(['init'], env)).exit).toBe('passphrase_required')
    await expect(readFile(path)).rejects.toThrow('ENOENT')
  })

  test('prints neither key nor passphrase', async () => {
    const { stdout, stderr } = await run(['init'])
    const { key } = JSON.parse(await readFile(path, 'utf8')) as { key: string }
    expect(stdout + stderr).not.toContain(key)
    const sealed = await run(['init', '--file', join(folder, 'b'), '--passphrase-file', passphraseFile])
    expect(sealed.stdout + sealed.stderr).not.toContain('correct horse')
  })
})

describe('keys status', () => {
  test('says which key is there and how it is protected', async () => {
    const made = await run(['init', '--passphrase-file', passphraseFile])
    const keyId = /root key ([0-9a-f]{16})/.exec(made.stdout)?.[1] ?? 'none'
    expect(await run(['status'], { CLOAKROOM_KEYS: folder, CLOAKROOM_ENV: 'production' })).toEqual({
      exit: 0,
      stdout: `file        ${path}\nkey id      ${keyId}\nprotection  argon2id\nmode        0600\n`,
      stderr: '',
    })
  })

  test('fails where the service would not start: wide permissions, a plain key in production', async () => {
    await run(['init'])
    expect((await run(['status'])).exit).toBe(0)
    expect((await run(['status'], { CLOAKROOM_KEYS: folder, CLOAKROOM_ENV: 'production' })).exit).toBe(1)
    await chmod(path, 0o644)
    const { exit, stderr } = await run(['status'])
    expect(exit).toBe(1)
    expect(stderr).toContain(`chmod 600 ${path}`)
  })

  test('fails where there is no key', async () => {
    expect((await run(['status'])).exit).toBe('root_key_missing')
  })
})

test('a call that cannot be understood does nothing and exits with 2', async () => {
  const calls = [
    [],
    ['rotate'],
    ['rotate', 'everything'],
    ['rotate', 'data', '--shares', '3'],
    ['init', '--shares', '5'],
    ['init', '--shares', 'five', '--threshold', '3'],
    ['init', '--shares', '5', '--threshold', '3', '--passphrase-file', 'x'],
    ['init', 'status'],
    ['init', '--force'],
    ['init', '--file'],
    ['status', '--passphrase-file', 'x'],
  ]
  for (const args of calls) {
    const { exit, stderr } = await run(args)
    expect(exit, args.join(' ')).toBe(2)
    expect(stderr).toContain('Usage: cloakroom keys')
  }
  await expect(readFile(path)).rejects.toThrow('ENOENT')
})
