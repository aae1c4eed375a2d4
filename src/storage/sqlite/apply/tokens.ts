import { and, isNull, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { shipments, subjects, tokens } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { conflict, must } from './list.ts'
import type { ListContext } from './list.ts'
import type { FindPerson } from './records.ts'

type TokenChange = Extract<Change, { type: 'expect.tokens_live' | 'token.insert' | 'tokens.retire' }>

function prepare(db: SqliteDatabase) {
  // Erasing may come first in the list, so erased persons are found here too.
  const ofSubject = (person: SQLiteColumn) =>
    sql`${person} = (select ${subjects.no} from ${subjects} where ${and(
      given(subjects.tenant),
      given(subjects.id),
    )})`
  const retire = () =>
    db
      .update(tokens)
      .set({ retiredAt: sql`${arg(tokens.retiredAt)}` })
      .$dynamic()
  const retireParcels = () =>
    db
      .update(shipments)
      .set({
        tokensRetiredAt: sql`${arg(shipments.tokensRetiredAt)}`,
        version: sql`${shipments.version} + 1`,
      })
      .$dynamic()
  return {
    live: db
      .select(DONE)
      .from(tokens)
      .where(and(given(tokens.tenant), given(tokens.token), isNull(tokens.retiredAt)))
      .prepare(),
    insert: db
      .insert(tokens)
      .values({ ...rowArgs(tokens), no: sql`null`, retiredAt: sql`null` })
      .prepare(),
    retire: retire()
      .where(and(ofSubject(tokens.person), isNull(tokens.retiredAt)))
      .returning(DONE)
      .prepare(),
    retireAtParty: retire()
      .where(and(ofSubject(tokens.person), given(tokens.party), isNull(tokens.retiredAt)))
      .returning(DONE)
      .prepare(),
    retireParcels: retireParcels()
      .where(and(ofSubject(shipments.person), isNull(shipments.tokensRetiredAt)))
      .prepare(),
    retireParcelsOfParty: retireParcels()
      .where(and(ofSubject(shipments.person), given(shipments.merchant), isNull(shipments.tokensRetiredAt)))
      .prepare(),
  }
}

export function tokenApplier(db: SqliteDatabase, personNo: FindPerson) {
  const statements = prepare(db)
  return (change: TokenChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'expect.tokens_live':
        for (const token of change.tokens) must(statements.live.get({ tenant, token }))
        return
      case 'token.insert': {
        const { token, subject, party, field, linkability, issuedAt, expiresAt } = change.token
        const person = personNo(list, subject)
        const window = linkability === 'order' ? null : change.token.window
        statements.insert.run({
          tenant,
          token,
          party,
          person,
          field,
          linkability,
          window,
          issuedAt,
          expiresAt, // prettier-ignore
        })
        return
      }
      case 'tokens.retire': {
        const { subject: id, party, at: retired_at, expected } = change
        const retired =
          party === null
            ? statements.retire.all({ tenant, id, retired_at })
            : statements.retireAtParty.all({ tenant, id, party, retired_at })
        if (retired.length !== expected) throw conflict()
        const parcels = { tenant, id, tokens_retired_at: retired_at }
        if (party === null) statements.retireParcels.run(parcels)
        else statements.retireParcelsOfParty.run({ ...parcels, merchant: party })
      }
    }
  }
}
