import { evictDurableObject } from 'cloudflare:test'
import { expect, onTestFinished, test, vi } from 'vitest'
import journal from '../../drizzle/sqlite/meta/_journal.json' with { type: 'json' }
import { MIGRATIONS } from '../../src/runtime/cloudflare/migrations.ts'
import { expectProblem } from '../http/expectations.ts'
import { call, inStorage, makeTenant, objectOf } from './service.ts'

test('every migration of the journal is in the Worker, as the file has it', () => {
  const wanted = journal.entries.map(({ idx }) => `m${String(idx).padStart(4, '0')}`)
  expect(Object.keys(MIGRATIONS)).toEqual(wanted)
  for (const text of Object.values(MIGRATIONS)) expect(text).toMatch(/CREATE|ALTER|DROP|INSERT|UPDATE/)
})

test('an object whose data a newer version wrote does not open, says so in the log, and opens again after', async () => {
  const credential = await makeTenant('newer')
  const newer = `insert into __drizzle_migrations (hash, created_at) values ('later', 99999999999999)`
  await inStorage('newer', ({ sql }) => sql.exec(newer).toArray())
  await evictDurableObject(objectOf('newer'))
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => said.mockRestore())
  expectProblem(await call(credential, '/v1/parties'), 'internal')
  expect(said.mock.calls.map(([line]) => JSON.parse(String(line)).code)).toEqual(['database_newer'])
  // Negative control: with that mark gone the same data is served.
  const undo = `delete from __drizzle_migrations where hash = 'later'`
  await inStorage('newer', ({ sql }) => sql.exec(undo).toArray())
  expect((await call(credential, '/v1/parties')).status).toBe(200)
})
