import { sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { shipmentStages, shipments, subjects } from '../schema/index.ts'
import { DONE, all, arg, given, must } from '../statements.ts'
import { livePersonOf } from './list.ts'
import { overRows, versioned, isVersion, mustFindEach, insertEach } from '../rows.ts'
import type { Apply } from './list.ts'

type ShipmentChange = Extract<Change, { type: 'expect.shipment' | `shipment.${string}` }>

function prepare(db: PostgresDatabase) {
  const asRead = all(given(shipments.tenant), given(shipments.id), given(shipments.version))
  const move = db
    .update(shipments)
    .set({
      stage: arg(shipments.stage),
      stageAt: arg(shipments.stageAt),
      version: sql`${shipments.version} + 1`,
    })
    .where(asRead)
    .returning(DONE)
  return {
    expect: overRows(versioned(shipments), { reads: [shipments] }, (given, row) =>
      mustFindEach(sql`${given} join ${shipments} on ${isVersion(shipments, row)}`),
    ),
    insert: insertEach(shipments, {
      also: { subject: subjects.id },
      reads: [subjects],
      derived: (row) => ({ person: livePersonOf(row) }),
    }),
    move: must(move, { changes: [shipments] }),
    insertStage: insertEach(shipmentStages),
  }
}

export function shipmentApplier(db: PostgresDatabase): Apply<ShipmentChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.shipment':
        return [statements.expect({ tenant, id: change.id, version: change.version })]
      case 'shipment.insert': {
        const { recipient, ...shipment } = change.shipment
        const { id, version, stage, stageAt } = shipment
        const { name: nameToken, phone: phoneToken, address: addressToken } = recipient
        return [
          statements.insert({ tenant, ...shipment, nameToken, phoneToken, addressToken }),
          statements.insertStage({ tenant, shipment: id, version, stage, at: stageAt }),
        ]
      }
      case 'shipment.move': {
        const { id, expectedVersion: version, stage, at } = change
        return [
          statements.move({ tenant, id, version, stage, stage_at: at }),
          statements.insertStage({ tenant, shipment: id, version: version + 1, stage, at }),
        ]
      }
      default:
        return unreachable(change)
    }
  }
}
