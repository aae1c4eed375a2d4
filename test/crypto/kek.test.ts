import { describe, expect, test } from 'vitest'
import { localKek } from '../../src/crypto/kek.ts'
import { tenantKeyPlace } from '../../src/crypto/place.ts'
import { anyKey, tenantId } from './keys-for-tests.ts'

const place = tenantKeyPlace({ tenant: tenantId('default'), kind: 'wrapping', version: 1 })

describe('a local root key', () => {
  test('gives back what it wrapped, in its place and under its id', async () => {
    const kek = localKek(anyKey())
    const key = anyKey()
    const back = await kek.unwrap(await kek.wrap(key, place), key.id, place)
    expect(back.id).toBe(key.id)
    expect(back.material.exposeSecret()).toEqual(key.material.exposeSecret())
  })

  test('says that another root key wrapped it, apart from damage', async () => {
    const [kek, other, key] = [localKek(anyKey()), localKek(anyKey()), anyKey()]
    const wrapped = await kek.wrap(key, place)
    await expect(other.unwrap(wrapped, key.id, place)).rejects.toMatchObject({ code: 'key_unknown' })
    const damaged = wrapped.with(wrapped.length - 1, (wrapped.at(-1) ?? 0) ^ 1)
    await expect(kek.unwrap(damaged, key.id, place)).rejects.toMatchObject({ code: 'envelope_invalid' })
  })

  test('refuses a key that was moved to another tenant, kind or version', async () => {
    const [kek, key] = [localKek(anyKey()), anyKey()]
    const wrapped = await kek.wrap(key, place)
    const at = { tenant: tenantId('default'), kind: 'wrapping', version: 1 }
    for (const moved of [
      { ...at, tenant: tenantId('other') },
      { ...at, kind: 'index' },
      { ...at, version: 2 },
    ]) {
      await expect(kek.unwrap(wrapped, key.id, tenantKeyPlace(moved))).rejects.toMatchObject({
        code: 'envelope_invalid',
      })
    }
  })
})
