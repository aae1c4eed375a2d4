import { and, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { shipmentStages, shipments } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { must } from './list.ts'
import type { ListContext } from './list.ts'
import type { FindPerson } from './records.ts'

type ShipmentChange = Extract<Change, { type: 'expect.shipment' | `shipment.${string}` }>

function prepare(db: SqliteDatabase) {
  const asRead = and(given(shipments.tenant), given(shipments.id), given(shipments.version))
  return {
    expect: db.select(DONE).from(shipments).where(asRead).prepare(),
    insert: db
      .insert(shipments)
      .values({ ...rowArgs(shipments), no: sql`null` })
      .prepare(),
    move: db
      .update(shipments)
      .set({
        stage: sql`${arg(shipments.stage)}`,
        stageAt: sql`${arg(shipments.stageAt)}`,
        version: sql`${shipments.version} + 1`,
      })
      .where(asRead)
      .returning(DONE)
      .prepare(),
    insertStage: db.insert(shipmentStages).values(rowArgs(shipmentStages)).prepare(),
  }
}

export function shipmentApplier(db: SqliteDatabase, personNo: FindPerson) {
  const statements = prepare(db)
  return (change: ShipmentChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'expect.shipment':
        return must(statements.expect.get({ tenant, id: change.id, version: change.version }))
      case 'shipment.insert': {
        const { subject, recipient, ...shipment } = change.shipment
        const { id, version, stage, stageAt } = shipment
        statements.insert.run({
          tenant,
          ...shipment,
          person: personNo(list, subject),
          nameToken: recipient.name,
          phoneToken: recipient.phone,
          addressToken: recipient.address,
        })
        statements.insertStage.run({ tenant, shipment: id, version, stage, at: stageAt })
        return
      }
      case 'shipment.move': {
        const { id, expectedVersion: version, stage, at } = change
        must(statements.move.get({ tenant, id, version, stage, stage_at: at }))
        statements.insertStage.run({ tenant, shipment: id, version: version + 1, stage, at })
      }
    }
  }
}
