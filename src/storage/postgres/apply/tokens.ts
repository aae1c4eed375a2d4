import { isNull, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { shipments, subjects, tokens } from '../schema/index.ts'
import { DONE, all, arg, given, mustBe, statement } from '../statements.ts'
import { anyPerson, livePersonOf } from './list.ts'
import { insertEach, mustFindEach, overRows } from '../rows.ts'
import type { Apply } from './list.ts'

type TokenChange = Extract<Change, { type: 'expect.tokens_live' | 'token.insert' | 'tokens.retire' }>

function live() {
  const { tenant, token } = tokens
  return overRows({ tenant, token }, { reads: [tokens] }, (given, row) =>
    mustFindEach(sql`${given} join ${tokens} on ${tokens.tenant} = ${row.tenant}
      and ${tokens.token} = ${row.token} and ${tokens.retiredAt} is null`),
  )
}

function prepare(db: PostgresDatabase) {
  // Erasing may come first in the list, so erased persons are found here too.
  const ofPerson = sql`${tokens.person} = ${anyPerson(db)}`
  const retire = () => db.update(tokens).set({ retiredAt: arg(tokens.retiredAt, 'at') })
  const toPerson = sql`${shipments.person} = ${anyPerson(db)}`
  const noted = {
    tokensRetiredAt: arg(shipments.tokensRetiredAt, 'at'),
    version: sql`${shipments.version} + 1`,
  }
  const note = () => db.update(shipments).set(noted)
  const open = isNull(tokens.retiredAt)
  const unnoted = isNull(shipments.tokensRetiredAt)
  return {
    live: live(),
    insert: insertEach(tokens, {
      also: { subject: subjects.id },
      reads: [subjects],
      derived: (row) => ({ person: livePersonOf(row), retiredAt: sql`null` }),
    }),
    retire: mustBe(retire().where(all(ofPerson, open)).returning(DONE)),
    retireAtParty: mustBe(
      retire()
        .where(all(ofPerson, given(tokens.party), open))
        .returning(DONE),
    ),
    note: statement(note().where(all(toPerson, unnoted))),
    noteOfParty: statement(note().where(all(toPerson, given(shipments.merchant, 'party'), unnoted))),
  }
}

export function tokenApplier(db: PostgresDatabase): Apply<TokenChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.tokens_live': {
        return [...new Set(change.tokens)].map((token) => statements.live({ tenant, token }))
      }
      case 'token.insert': {
        const { token, linkability } = change.token
        const window = linkability === 'order' ? null : change.token.window
        return [statements.insert({ tenant, ...change.token, token, window })]
      }
      case 'tokens.retire': {
        const { subject, party, at, expected } = change
        const of = { tenant, subject, at, expected }
        if (party === null) return [statements.retire(of), statements.note(of)]
        return [statements.retireAtParty({ ...of, party }), statements.noteOfParty({ ...of, party })]
      }
      default:
        return unreachable(change)
    }
  }
}
