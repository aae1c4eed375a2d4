import { describe, expect, test } from 'vitest'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { directoryOf, objectOf } from '../../src/runtime/cloudflare/objects.ts'
import type { Bindings } from '../../src/runtime/cloudflare/objects.ts'

// workerd itself knows no jurisdictions: what the platform would be asked is written down here.

const TENANT = parseTenantId('acme') as TenantId

function asked(places: Partial<Bindings>): unknown[] {
  const said: unknown[] = []
  const namespace = (within?: string): unknown => ({
    jurisdiction: (name: string) => namespace(name),
    getByName: (name: string, options: unknown) => void said.push([within, name, options]),
  })
  const bindings = { ...places, VAULT: namespace(), TENANTS: namespace() } as Bindings
  objectOf(bindings, TENANT)
  directoryOf(bindings)
  return said
}

describe('where objects are', () => {
  test('nothing is said unless it is set', () => {
    expect(asked({ CLOAKROOM_JURISDICTION: '' })).toEqual([
      [undefined, 'acme', {}],
      [undefined, 'directory', {}],
    ])
  })

  test('every object, the directory too, is of the jurisdiction that is set', () => {
    expect(asked({ CLOAKROOM_JURISDICTION: 'eu', CLOAKROOM_LOCATION_HINT: 'weur' })).toEqual([
      ['eu', 'acme', { locationHint: 'weur' }],
      ['eu', 'directory', { locationHint: 'weur' }],
    ])
  })

  test.each([{ CLOAKROOM_JURISDICTION: 'EU' }, { CLOAKROOM_LOCATION_HINT: 'europe' }])(
    'a place that is none is refused, not left out: %o',
    (place) => {
      expect(() => asked(place)).toThrow(/must be one of/)
    },
  )
})
