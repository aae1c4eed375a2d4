import type { Fault, Noun } from './finding.ts'
import type { HeldRows } from './reader.ts'
import { ENDED, ERASED, HELD_TERMS, REVOKED } from './said.ts'

/** Whether a time lies so far back that the events of then were emptied: nobody can say any more what they said. */
type Aged = (at: number) => boolean

/** Whether the store's rows are what the log says. Pure: a row with what was said of it goes in, faults come out. */
const JUDGES: { [N in Noun]: (row: HeldRows[N], aged: Aged) => readonly Fault[] } = {
  tenant: () => [],
  party: ({ id, status, told }) => state('party', id, status, told.word ?? 'pending'),
  credential: ({ id, revoked, told }) =>
    state('credential', id, revoked ? REVOKED : 'live', told.word ?? 'live'),
  grant: judgeGrant,
  shipment: ({ id, stage, stageAt, told }, aged) =>
    told.word === null && aged(stageAt) ? [] : state('shipment', id, stage, told.word ?? 'created'),
  session: ({ id, ended, told }) => state('session', id, ended ? ENDED : 'open', told.word ?? 'open'),
  subject: judgeSubject,
}

/** @param emptiedUntil events that are older may have been emptied by retention. */
export function judgeHeld<N extends Noun>(
  noun: N,
  row: HeldRows[N],
  emptiedUntil = Number.NEGATIVE_INFINITY,
): readonly Fault[] {
  const aged: Aged = (at) => at <= emptiedUntil
  const beforeAll = row.told.born === null && 'createdAt' in row && aged(row.createdAt)
  const born = beforeAll ? [] : birth(noun, row.id, row.told.born, HELD_TERMS[noun](row))
  return [...born, ...JUDGES[noun](row, aged)]
}

function birth(noun: Noun, id: string, born: string | null, held: string): Fault[] {
  if (born === held) return []
  if (born === null) return [{ code: `${noun}_without_event`, id, seen: 'no event says that it began' }]
  // Of the others no terms are logged, so that none can differ.
  if (noun === 'tenant' || noun === 'party' || noun === 'subject') return []
  return [{ code: `${noun}_differs`, id, seen: 'its terms are not those of the event that it began with' }]
}

type Stateful = Exclude<Noun, 'tenant'>

function state(noun: Stateful, id: string, held: string, said: string): Fault[] {
  if (held === said) return []
  return [{ code: `${noun}_state`, id, seen: `the store says ${held}, the log says ${said}` }]
}

function judgeGrant({ id, revokedAt, personErased, told }: HeldRows['grant'], aged: Aged): readonly Fault[] {
  const said = told.word ?? (personErased ? REVOKED : 'live')
  if (revokedAt === null) return state('grant', id, 'live', said)
  return aged(revokedAt) ? [] : state('grant', id, REVOKED, said)
}

function judgeSubject({ id, erased, keyIsZero, left, told }: HeldRows['subject']): readonly Fault[] {
  const saidErased = told.word === ERASED
  const faults = state('subject', id, erased ? ERASED : 'present', saidErased ? ERASED : 'present')
  if (!saidErased) {
    const lost = keyIsZero !== false && !erased
    return lost ? [...faults, { code: 'key_destroyed', id, seen: 'no erasure, and no data key' }] : faults
  }
  const remains: readonly [Fault['code'], boolean, string][] = [
    ['erased_key_left', keyIsZero !== true, 'the data key is not all zero'],
    ['erased_data_left', left.data > 0, `${left.data} rows or values of the person`],
    ['erased_tokens_live', left.liveTokens > 0, `${left.liveTokens} tokens`],
    ['erased_grants_live', left.liveGrants > 0, `${left.liveGrants} grants`],
  ]
  const found = remains.filter(([, is]) => is).map(([code, , seen]): Fault => ({ code, id, seen }))
  return [...faults, ...found]
}

export function goneFault(noun: Noun, id: string): Fault {
  return { code: `${noun}_gone`, id, seen: 'the log speaks of it, and it is not there' }
}
