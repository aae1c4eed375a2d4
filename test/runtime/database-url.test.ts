import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isVaultError } from '../../src/core/errors.ts'
import { readConfig } from '../../src/runtime/node/config.ts'

const URL = 'postgres://cloakroom:hunter2@db.internal/cloakroom?sslmode=verify-full'

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-url-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'url'), text)
  return join(folder, 'url')
}

function refusalOf(env: NodeJS.ProcessEnv): { code: string; message: string } {
  try {
    readConfig(env)
  } catch (error) {
    if (isVaultError(error)) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('was taken')
}

test.each([
  ['as it is', URL],
  ['with the line end that editors add', `${URL}\n`],
  ['with another system’s line end and a second line', `${URL}\r\nsomething else\n`],
])('the database’s URL comes from a file, %s', (_, text) => {
  const { databaseUrl } = readConfig({ CLOAKROOM_DATABASE_URL_FILE: fileWith(text) })
  expect(databaseUrl?.exposeSecret()).toBe(URL)
})

test('without either variable the vault is in its data folder', () => {
  expect(
    readConfig({ CLOAKROOM_DATABASE_URL: '', CLOAKROOM_DATABASE_URL_FILE: '' }).databaseUrl,
  ).toBeUndefined()
})

test.each([
  ['a file that is not there', () => '/nowhere/url'],
  ['an empty file', () => fileWith('')],
  ['a file with something else', () => fileWith('mysql://cloakroom:hunter2@db/cloakroom')],
])('%s stops the start with a sentence that names the variable and holds no password', (_, file) => {
  const { code, message } = refusalOf({ CLOAKROOM_DATABASE_URL_FILE: file() })
  expect(code).toBe('config_invalid')
  expect(message).toContain('CLOAKROOM_DATABASE_URL_FILE')
  expect(message).not.toContain('hunter2')
})

test('both at once are refused: nobody could tell which one is meant', () => {
  const both = { CLOAKROOM_DATABASE_URL: URL, CLOAKROOM_DATABASE_URL_FILE: fileWith(URL) }
  expect(refusalOf(both).message).toContain('CLOAKROOM_DATABASE_URL_FILE')
})
