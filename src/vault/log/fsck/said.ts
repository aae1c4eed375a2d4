import type { SubjectId } from '../../../core/id.ts'
import { ROOT } from '../../keys/destroy-root.ts'
import type { Noun } from './finding.ts'
import type { HeldRows } from './reader.ts'

/**
 * What one event says of one thing: that it began, and with which terms, or the word that it is now under. Terms are texts to
 * compare; what an event does not hold is in none.
 */
export type Said = { about: Noun | 'key'; id: string; born?: string; word?: string }

/** The members of a leaf that say something of the store's state. */
export type Leaf = Readonly<Record<string, unknown>>

/** @param subject whom the event is about, once its commitment has been opened. */
export function saidBy(leaf: Leaf, subject: SubjectId | null): readonly Said[] {
  const text = (name: string) => (typeof leaf[name] === 'string' ? leaf[name] : '')
  const [party, grant, code] = [text('party'), text('grant'), text('code')]
  switch (leaf['type']) {
    case 'tenant.created':
      return [{ about: 'tenant', id: text('tenant'), born: NO_TERMS }]
    case 'party.created':
      return [{ about: 'party', id: party, born: NO_TERMS }]
    case 'party.status_changed':
      return [{ about: 'party', id: party, word: code }]
    case 'credential.issued':
      return [{ about: 'credential', id: text('concerns'), born: terms(party) }]
    case 'credential.revoked':
      return [{ about: 'credential', id: text('concerns'), word: REVOKED }]
    case 'subject.stored':
      return [{ about: 'subject', id: subject ?? '', born: NO_TERMS }, ...standing(grant, subject, party)]
    case 'subject.updated':
    case 'tokens.issued':
      return standing(grant, subject, party)
    case 'subject.erased':
      return [{ about: 'subject', id: subject ?? '', word: ERASED }]
    case 'grant.given':
      return [{ about: 'grant', id: grant, born: given(subject, party, text('purpose'), leaf['fields']) }]
    case 'grant.revoked':
      return [{ about: 'grant', id: grant, word: REVOKED }]
    case 'canary.shipped':
    case 'shipment.created': {
      const shop = leaf['type'] === 'canary.shipped' ? CANARYS : party
      const born = terms(shop, text('order'), subject, grant)
      const shipment = text('shipment')
      return [
        { about: 'shipment', id: shipment, born },
        { about: 'grant', id: grant, born: terms('shipment', subject, shipment) },
      ]
    }
    case 'shipment.moved':
      return [{ about: 'shipment', id: text('shipment'), word: code }]
    case 'session.opened':
      return [{ about: 'session', id: text('session'), born: terms(subject) }]
    case 'session.ended':
      return [{ about: 'session', id: text('session'), word: ENDED }]
    case 'key.retired':
      return [{ about: 'key', id: keyName(code, leaf['counts']), word: 'retired' }]
    case 'key.destroyed':
      // A root key lies in a file beside the data.
      return code === ROOT ? [] : [{ about: 'key', id: keyName(code, leaf['counts']), word: 'destroyed' }]
    default:
      return []
  }
}

function keyName(kind: string, counts: unknown): string {
  const version = typeof counts === 'object' && counts !== null && 'version' in counts ? counts.version : ''
  return `${kind} ${String(version)}`
}

export const REVOKED = 'revoked'
export const ERASED = 'erased'
export const ENDED = 'ended'

/** A parcel to a canary is in no event that its shop can read: no event names the shop. */
const CANARYS = 'canary'

const NO_TERMS = terms()

function terms(...parts: readonly (string | null)[]): string {
  return JSON.stringify(parts)
}

/** Tokenize gives a shop its standing permission along with the tokens, if it has none. */
function standing(grant: string, subject: SubjectId | null, party: string): Said[] {
  return grant === '' ? [] : [{ about: 'grant', id: grant, born: terms('tokenize', subject, party) }]
}

function given(subject: SubjectId | null, party: string, purpose: string, fields: unknown): string {
  const views = Object.entries((fields ?? {}) as Record<string, string>)
    .map(([field, view]) => `${field} ${view}`)
    .sort()
  return terms('platform', subject, party, purpose, ...views)
}

/** The terms that the store holds, in the words of the event that such a thing begins with. */
export const HELD_TERMS: { [N in Noun]: (row: HeldRows[N]) => string } = {
  tenant: () => NO_TERMS,
  party: () => NO_TERMS,
  subject: () => NO_TERMS,
  credential: ({ party }) => terms(party ?? ''),
  shipment: ({ merchant, order, subject, grant, told }) => {
    const unnamed = terms(CANARYS, order, subject, grant)
    return told.born === unnamed ? unnamed : terms(merchant, order, subject, grant)
  },
  session: ({ subject }) => terms(subject),
  grant: ({ origin, subject, party, purpose, fields, shipment }) => {
    if (origin === 'shipment') return terms('shipment', subject, shipment)
    return origin === 'tokenize' ? terms('tokenize', subject, party) : given(subject, party, purpose, fields)
  },
}
