import { readFileSync } from 'node:fs'
import { coerce, gt, lt, satisfies, valid } from 'semver'
import { VaultError } from '../../../core/errors.ts'
import type { Advisory } from '../../../vault/doctor/facts.ts'
import type { Severity } from '../../../vault/doctor/finding.ts'

/** A package as the lock file has it. */
export type Installed = { name: string; version: string }

type Json = Readonly<Record<string, unknown>>

/** `package-lock.json` lies four folders up both from `src/runtime/node/doctor` and from `dist/runtime/node/doctor`. */
const LOCK_FILE = new URL('../../../../package-lock.json', import.meta.url)

/** What is installed to run, by the lock file of version 2 or 3: packages for development alone are left out. */
export function installedIn(lock: unknown): readonly Installed[] {
  const packages = asObject(asObject(lock)['packages'])
  const found = Object.entries(packages).flatMap(([path, entry]) => {
    const { version, dev, name } = asObject(entry)
    const at = path.lastIndexOf('node_modules/')
    if (at < 0 || dev === true || typeof version !== 'string') return []
    return { name: typeof name === 'string' ? name : path.slice(at + 'node_modules/'.length), version }
  })
  return found
}

/**
 * The faults of a feed that what is installed has. A feed is OSV (https://ossf.github.io/osv-schema/): one vulnerability, a list, or
 * `{vulns: […]}`; or what `npm audit --json` printed.
 * @throws VaultError `invalid_request` for anything else.
 */
export function advisoriesFor(feed: unknown, installed: readonly Installed[]): readonly Advisory[] {
  const audit = asObject(feed)['vulnerabilities']
  if (typeof audit === 'object' && audit !== null) return auditAdvisories(asObject(audit), installed)
  const list = Array.isArray(feed) ? feed : (asObject(feed)['vulns'] ?? [feed])
  const vulns: readonly Json[] = (Array.isArray(list) ? list : []).map(asObject)
  if (!vulns.every(({ id }) => typeof id === 'string')) throw noFeed()
  return vulns.flatMap((vuln) => osvAdvisories(vuln, installed))
}

/** @throws VaultError `invalid_request` for a file that cannot be read or is no feed. */
export function readAdvisories(path: string): readonly Advisory[] {
  const lock: unknown = JSON.parse(readFileSync(LOCK_FILE, 'utf8'))
  return advisoriesFor(readJson(path), installedIn(lock))
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new VaultError('invalid_request', `${path} cannot be read as JSON.`, { cause })
  }
}

function noFeed(): VaultError {
  return new VaultError('invalid_request', 'This is neither OSV nor the JSON of `npm audit`.')
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll(/\s+/g, ' ').slice(0, 200) : ''
}

const WORDS: Readonly<Record<string, Severity>> = {
  info: 'info',
  low: 'low',
  moderate: 'medium',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
}

/** One that says nothing is taken as high: somebody has to look. */
function severityOf(word: unknown): Severity {
  return (typeof word === 'string' && WORDS[word.toLowerCase()]) || 'high'
}

function auditAdvisories(audit: Json, installed: readonly Installed[]): readonly Advisory[] {
  return Object.values(audit).flatMap((entry) => {
    const { name, via, fixAvailable } = asObject(entry)
    return asList(via).flatMap((cause) => {
      const { range, severity, title, url, source } = asObject(cause)
      if (typeof range !== 'string') return []
      return installed
        .filter((one) => one.name === name && isIn(one.version, range))
        .map((one) => ({
          ...one,
          id: textOf(url) || `npm ${Number(source)}`,
          severity: severityOf(severity),
          summary: textOf(title),
          fixedIn: fixedBy(one.name, fixAvailable),
        }))
    })
  })
}

function fixedBy(name: string, fix: unknown): string | undefined {
  const { name: fixed, version } = asObject(fix)
  return fixed === name && typeof version === 'string' ? version : undefined
}

function isIn(version: string, range: string): boolean {
  return satisfies(version, range, { includePrerelease: true })
}

function osvAdvisories(vuln: Json, installed: readonly Installed[]): readonly Advisory[] {
  if (vuln['withdrawn'] !== undefined) return []
  return asList(vuln['affected']).flatMap((entry) => {
    const affected = asObject(entry)
    const { ecosystem, name } = asObject(affected['package'])
    if (ecosystem !== 'npm') return []
    return installed
      .filter((one) => one.name === name && isAffected(one.version, affected))
      .map((one) => ({
        ...one,
        id: textOf(vuln['id']),
        severity: severityOf(asObject(vuln['database_specific'])['severity']),
        summary: textOf(vuln['summary']),
        fixedIn: firstFix(one.version, affected),
      }))
  })
}

type Event = { introduced?: string; fixed?: string; last_affected?: string }

function eventsOf(affected: Json): readonly (readonly Event[])[] {
  return asList(affected['ranges'])
    .map(asObject)
    .filter(({ type }) => type === 'SEMVER' || type === 'ECOSYSTEM')
    .map(({ events }) => asList(events).map((event) => asObject(event) as Event))
}

/** OSV, "Evaluation": in the list of versions, or between an `introduced` and what ends it. */
function isAffected(version: string, affected: Json): boolean {
  if (asList(affected['versions']).includes(version)) return true
  return eventsOf(affected).some((events) => {
    let inside = false
    for (const event of events) {
      if (event.introduced !== undefined && isFrom(version, event.introduced)) inside = true
      if (event.fixed !== undefined && isFrom(version, event.fixed)) inside = false
      if (event.last_affected !== undefined && isBehind(version, event.last_affected)) inside = false
    }
    return inside
  })
}

function parsed(text: string): string {
  return valid(text) ?? coerce(text)?.version ?? '0.0.0'
}

function isFrom(version: string, bound: string): boolean {
  return !lt(parsed(version), parsed(bound))
}

function isBehind(version: string, bound: string): boolean {
  return gt(parsed(version), parsed(bound))
}

function firstFix(version: string, affected: Json): string | undefined {
  const fixes = eventsOf(affected).flatMap((events) => events.flatMap(({ fixed }) => fixed ?? []))
  return fixes
    .filter((fixed) => isBehind(fixed, version))
    .toSorted((a, b) => (lt(parsed(a), parsed(b)) ? -1 : 1))[0]
}
