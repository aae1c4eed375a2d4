import { describe, expect, test } from 'vitest'
import { advisoriesFor, installedIn } from '../../../src/runtime/node/doctor/advisories.ts'

const LOCK = {
  packages: {
    '': { name: 'x', version: '1.0.0' },
    'node_modules/pg': { version: '8.16.3' },
    'node_modules/a/node_modules/pg': { version: '7.0.0' },
    'node_modules/@scope/b': { version: '2.0.0-beta.1' },
    'node_modules/vitest': { version: '3.0.0', dev: true },
    'node_modules/alias': { version: '4.0.0', name: 'real' },
  },
}

describe('published faults are held against what is installed', () => {
  const installed = installedIn(LOCK)

  test('packages are read from the lock file, nested and renamed ones too, and those for development are not', () => {
    expect(installed).toEqual([
      { name: 'pg', version: '8.16.3' },
      { name: 'pg', version: '7.0.0' },
      { name: '@scope/b', version: '2.0.0-beta.1' },
      { name: 'real', version: '4.0.0' },
    ])
  })

  const osv = (events: object[], name = 'pg', more: object = {}) => ({
    id: 'GHSA-1',
    summary: 'a\n  fault',
    database_specific: { severity: 'MODERATE' },
    affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events }] }],
    ...more,
  })

  test('OSV: between introduced and fixed, with the nearest fix; the version of the fix itself is well', () => {
    expect(advisoriesFor(osv([{ introduced: '8.0.0' }, { fixed: '8.16.4' }]), installed)).toEqual([
      {
        id: 'GHSA-1',
        name: 'pg',
        version: '8.16.3',
        severity: 'medium',
        summary: 'a fault',
        fixedIn: '8.16.4',
      },
    ])
    expect(advisoriesFor(osv([{ introduced: '8.0.0' }, { fixed: '8.16.3' }]), installed)).toEqual([])
    expect(advisoriesFor(osv([{ introduced: '0' }, { last_affected: '7.0.0' }]), installed)).toMatchObject([
      { version: '7.0.0', fixedIn: undefined },
    ])
  })

  test('OSV: lists, `vulns`, lists of versions, others’ ecosystems and withdrawn ones', () => {
    const listed = {
      id: 'G2',
      affected: [{ package: { ecosystem: 'npm', name: 'real' }, versions: ['4.0.0'] }],
    }
    expect(advisoriesFor({ vulns: [listed] }, installed)).toMatchObject([{ id: 'G2', severity: 'high' }])
    expect(advisoriesFor([listed], installed)).toHaveLength(1)
    const python = {
      id: 'P',
      affected: [{ package: { ecosystem: 'PyPI', name: 'pg' }, versions: ['8.16.3'] }],
    }
    expect(advisoriesFor([python], installed)).toEqual([])
    const gone = osv([{ introduced: '0' }], 'pg', { withdrawn: '2026-01-01T00:00:00Z' })
    expect(advisoriesFor(gone, installed)).toEqual([])
  })

  test('npm audit: by range, prereleases too, with its own severity', () => {
    const via = [
      { source: 1, range: '<2.0.0-beta.2', severity: 'critical', title: 'bad', url: 'https://g/1' },
      'pg',
    ]
    const audit = {
      auditReportVersion: 2,
      vulnerabilities: {
        b: { name: '@scope/b', via, fixAvailable: { name: '@scope/b', version: '2.0.0' } },
        c: { name: 'pg', via: [{ source: 2, range: '>9', severity: 'low', title: 't', url: 'u' }] },
      },
    }
    expect(advisoriesFor(audit, installed)).toEqual([
      {
        id: 'https://g/1',
        name: '@scope/b',
        version: '2.0.0-beta.1',
        severity: 'critical',
        summary: 'bad',
        fixedIn: '2.0.0',
      },
    ])
  })

  test('what is no feed is refused', () => {
    expect(() => advisoriesFor({ hello: 1 }, installed)).toThrow(/neither OSV/)
    expect(() => advisoriesFor('x', installed)).toThrow(/neither OSV/)
  })
})
