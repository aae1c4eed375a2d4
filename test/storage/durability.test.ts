import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DATABASE_FILE, openDatabase, requireDurable, requireNode } from '../../src/runtime/node/sqlite.ts'
import { removeFolder, tempFolder } from './opened.ts'

function tempPath(): string {
  const folder = tempFolder()
  onTestFinished(() => removeFolder(folder))
  return join(folder, DATABASE_FILE)
}

test('an opened database is in WAL mode with synchronous=FULL, and stays so', () => {
  const client = openDatabase(tempPath())
  onTestFinished(() => void client.close())
  const settings = () => ({
    journal: client.pragma('journal_mode', { simple: true }),
    synchronous: client.pragma('synchronous', { simple: true }),
    secureDelete: client.pragma('secure_delete', { simple: true }),
  })
  const held = { journal: 'wal', synchronous: 2, secureDelete: 1 }
  expect(settings()).toEqual(held)
  client.exec(`insert into probe values (1, 1)`)
  expect(settings()).toEqual(held)
})

test('negative control: the driver falls to NORMAL when it is not told, and that is refused', () => {
  const client = new Database(tempPath())
  onTestFinished(() => void client.close())
  client.pragma('journal_mode = WAL')
  client.exec('create table t (a)')
  expect(client.pragma('synchronous', { simple: true })).toBe(1)
  expect(() => requireDurable(client)).toThrow(expect.objectContaining({ code: 'durability_not_held' }))
  client.pragma('synchronous = FULL')
  expect(() => requireDurable(client)).not.toThrow()
})

test('negative control: a database outside WAL mode is refused', () => {
  const client = new Database(tempPath())
  onTestFinished(() => void client.close())
  client.pragma('synchronous = FULL')
  expect(() => requireDurable(client)).toThrow(expect.objectContaining({ code: 'durability_not_held' }))
})

test('an old Node is refused in words', () => {
  expect(() => requireNode('20.19.1')).toThrow('Cloakroom needs Node 22 or newer; this is Node 20.19.1.')
  expect(() => requireNode('22.0.0')).not.toThrow()
})
