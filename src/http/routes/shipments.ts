import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import { createShipment, findShipment, moveShipment } from '../../vault/shipments/service.ts'
import type { ShipmentView } from '../../vault/shipments/service.ts'
import { STAGES } from '../../vault/shipments/shipment.ts'
import { endpoint } from '../endpoint.ts'
import { idSchema, knownOrNobodys, looseId, pathId } from '../schemas/ids.ts'
import { AddressSchema } from '../schemas/person.ts'
import { strict } from '../schemas/strict.ts'
import { CallerRef, Reason, TimeOut } from '../schemas/words.ts'

const Stage = z.enum(STAGES)

const NewShipmentSchema = strict({
  order_ref: CallerRef.openapi({ example: 'SO-1' }),
  courier: idSchema('cou'),
  recipient: strict({ name: looseId('tok'), phone: looseId('tok'), address: looseId('tok') }),
}).openapi('NewShipment')

const CreatedSchema = z.object({
  id: idSchema('shp'),
  waybill: idSchema('wb'),
  stage: Stage,
  grant: idSchema('grt'),
  label: z
    .object({ name: z.string().optional(), phone: z.string().optional(), address: AddressSchema.optional() })
    .openapi({ description: 'Masked, for print.' }),
})

const ShipmentSchema = z
  .object({
    id: idSchema('shp'),
    order_ref: z.string(),
    waybill: idSchema('wb'),
    stage: Stage,
    history: z.array(z.object({ stage: Stage, at: TimeOut })),
  })
  .openapi('Shipment')

function wireShipment({
  id,
  orderRef,
  waybill,
  stage,
  history,
}: ShipmentView): z.input<typeof ShipmentSchema> {
  const steps = history.map((step) => ({ stage: step.stage, at: toRfc3339(step.at) }))
  return { id, order_ref: orderRef, waybill, stage, history: steps }
}

export const shipmentRoutes = [
  endpoint('POST /v1/shipments', {
    summary: 'Send a parcel to the person behind three tokens',
    body: NewShipmentSchema,
    ok: {
      status: 201,
      description: "The shipment, its courier's grant, and a label.",
      schema: CreatedSchema,
    },
    errors: ['state_conflict'],
    async handle({ vault, call, body }) {
      const { name, phone, address } = body.recipient
      const recipient = {
        name: knownOrNobodys('tok', name, vault.random),
        phone: knownOrNobodys('tok', phone, vault.random),
        address: knownOrNobodys('tok', address, vault.random),
      }
      const input = { orderRef: body.order_ref, courier: body.courier, recipient }
      const { id, waybill, stage, grant, label } = await createShipment(vault, call, input)
      return { body: { id, waybill, stage, grant, label: label as z.input<typeof CreatedSchema>['label'] } }
    },
  }),

  endpoint('GET /v1/shipments/{id}', {
    summary: 'One shipment and its way so far',
    id: pathId('shp', 'shipment'),
    ok: { status: 200, description: 'To its shop, its courier and the platform.', schema: ShipmentSchema },
    async handle({ vault, call, id }) {
      return { body: wireShipment(await findShipment(vault, call.caller, id)) }
    },
  }),

  endpoint('POST /v1/shipments/{id}/stage', {
    summary: 'Say how far a parcel is',
    description:
      'created → picked_up → in_transit → at_station → out_for_delivery → delivered; any → returned, cancelled; delivered → closed.',
    id: pathId('shp', 'shipment'),
    body: strict({ stage: Stage, reason: Reason.optional() }),
    ok: { status: 200, description: 'The shipment as it is now.', schema: ShipmentSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      const { stage, reason } = body
      return {
        body: wireShipment(
          await moveShipment(vault, call, id, { stage, ...(reason !== undefined && { reason }) }),
        ),
      }
    },
  }),
]
