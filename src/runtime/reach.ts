import ipaddr from 'ipaddr.js'
import type { Reach } from '../vault/doctor/facts.ts'

/** How far a host can be reached from, by its spelling: a name that is not this machine's may be anywhere. */
export function reachOf(host: string): Reach {
  const text = host.replace(/^\[|\]$/g, '')
  if (text === 'localhost' || text.startsWith('/')) return 'loopback'
  if (!ipaddr.isValid(text)) return 'everywhere'
  const range = ipaddr.process(text).range()
  if (range === 'loopback') return 'loopback'
  return ['private', 'uniqueLocal', 'linkLocal', 'carrierGradeNat'].includes(range) ? 'private' : 'everywhere'
}
