import { sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { shipmentStages, shipments, subjects } from '../schema/index.ts'
import { livePersonOf } from './list.ts'
import { overRows, versioned, isVersion, mustFindEach, mustGiveEach, insertEach } from '../rows.ts'
import type { Apply } from './list.ts'

type ShipmentChange = Extract<Change, { type: 'expect.shipment' | `shipment.${string}` }>

function moving() {
  const { stage, stageAt } = shipments
  return overRows(
    { ...versioned(shipments), stage, stageAt },
    { changes: [shipments] },
    (given, row) =>
      mustGiveEach(sql`update ${shipments}
        set ${sql.identifier(stage.name)} = ${row.stage}, ${sql.identifier(stageAt.name)} = ${row.stageAt},
          "version" = ${shipments.version} + 1
        from ${given} where ${isVersion(shipments, row)} returning 1`),
    // Moved twice, it is the second time no longer as the first found it.
    ({ id }) => String(id),
  )
}

function prepare() {
  return {
    expect: overRows(versioned(shipments), { reads: [shipments] }, (given, row) =>
      mustFindEach(sql`${given} join ${shipments} on ${isVersion(shipments, row)}`),
    ),
    insert: insertEach(shipments, {
      also: { subject: subjects.id },
      reads: [subjects],
      derived: (row) => ({ person: livePersonOf(row) }),
    }),
    move: moving(),
    insertStage: insertEach(shipmentStages),
  }
}

export function shipmentApplier(): Apply<ShipmentChange> {
  const statements = prepare()
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
          statements.move({ tenant, id, version, stage, stageAt: at }),
          statements.insertStage({ tenant, shipment: id, version: version + 1, stage, at }),
        ]
      }
      default:
        return unreachable(change)
    }
  }
}
