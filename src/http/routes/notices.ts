import { z } from '@hono/zod-openapi'
import { parseId, parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { approveNotice, cancelNotice } from '../../vault/incidents/notices/approve.ts'
import { draftNotice, editNotice, omitNotice } from '../../vault/incidents/notices/drafts.ts'
import { reportDeliveries } from '../../vault/incidents/notices/report.ts'
import {
  findNotice,
  findPublished,
  listDeliveries,
  listNotices,
  listOwnNotices,
} from '../../vault/incidents/notices/queries.ts'
import { VaultError } from '../../core/errors.ts'
import { noticePage } from '../docs/notice-page.ts'
import { endpoint } from '../endpoint.ts'
import type { PathId } from '../endpoint.ts'
import { pathId } from '../schemas/ids.ts'
import {
  AddressesSchema,
  Audience,
  Channel,
  CountedNoticeSchema,
  DeliverySchema,
  MeetsSchema,
  JurisdictionOrUnknown,
  NoticeSchema,
  OwnNoticeSchema,
  ReportOutcome,
  ReportSchema,
  TemplateSchema,
  WordsSchema,
  wireCounted,
  wireDelivery,
  wireNotice,
  wireOwnNotice,
  reportFrom,
  templateFrom,
  wordsFrom,
} from '../schemas/notices.ts'
import { strict } from '../schemas/strict.ts'
import { PagingQuery, Reason, batchOf, listOf, pageFrom } from '../schemas/words.ts'

const inPath = pathId('ntc', 'notice')
const tenantInPath: PathId<TenantId> = { what: 'tenant', prefixes: [], parse: parseTenantId }

const NewNotice = strict({
  audience: Audience,
  jurisdiction: JurisdictionOrUnknown.optional(),
  channel: Channel.optional(),
  words: WordsSchema.optional(),
  template: TemplateSchema.optional(),
  to: AddressesSchema.optional(),
  meets: MeetsSchema.optional(),
  omit: z
    .literal(true)
    .optional()
    .openapi({ description: 'Nobody of this audience is told; needs `reason`.' }),
  reason: Reason.optional(),
}).openapi('NewNotice')

/** What is said of a notice that is left out, and of one that is not. */
function refuseMixed({
  omit,
  reason,
  words,
  template,
  to,
  meets,
  channel,
}: z.output<typeof NewNotice>): void {
  const refuse = (pointer: string, code: string) => {
    const errors = [{ pointer, code }]
    throw new VaultError('invalid_request', 'This does not go together.', { errors })
  }
  if (!omit && reason !== undefined) refuse('/reason', 'only_with_omit')
  if (omit && reason === undefined) refuse('/reason', 'required')
  if (omit && (words ?? template ?? to ?? meets ?? channel) !== undefined) refuse('/omit', 'nothing_to_send')
  refuseBoth({ words, template })
}

function refuseBoth({ words, template }: { words?: unknown; template?: unknown }): void {
  if (words === undefined || template === undefined) return
  const errors = [{ pointer: '/template', code: 'words_or_template' }]
  throw new VaultError('invalid_request', 'A notice has words or a template, not both.', { errors })
}

export const noticeRoutes = [
  endpoint('POST /v1/incidents/{id}/notices', {
    summary: 'Draft a notice, or state that one is left out',
    description: 'Nothing goes out until another credential of the platform approves.',
    id: pathId('inc', 'incident'),
    body: NewNotice,
    ok: { status: 201, description: 'The draft, or what was left out.', schema: NoticeSchema },
    errors: ['state_conflict', 'channel_not_configured'],
    async handle({ vault, call, id, body }) {
      refuseMixed(body)
      const { audience, jurisdiction, channel, words, template, to, meets, reason } = body
      const said = { words: words && wordsFrom(words), template: template && templateFrom(template) }
      const notice =
        reason === undefined
          ? await draftNotice(vault, call, id, { audience, jurisdiction, channel, to, meets, ...said })
          : await omitNotice(vault, call, id, { audience, jurisdiction, reason })
      return { body: wireNotice(await findNotice(vault, call.caller, notice.id)) }
    },
  }),

  endpoint('GET /v1/incidents/{id}/notices', {
    summary: 'The notices of an incident',
    id: pathId('inc', 'incident'),
    query: PagingQuery,
    ok: { status: 200, description: 'Newest first.', schema: listOf(NoticeSchema) },
    async handle({ vault, call, id, query }) {
      const { rows, next } = await listNotices(vault, call.caller, id, pageFrom(query))
      return { body: { items: rows.map(wireNotice), next_cursor: next } }
    },
  }),

  endpoint('GET /v1/notices/{id}', {
    summary: 'One notice, and how far it has come',
    id: inPath,
    ok: { status: 200, description: 'The notice with its figures.', schema: CountedNoticeSchema },
    async handle({ vault, call, id }) {
      return { body: wireCounted(await findNotice(vault, call.caller, id)) }
    },
  }),

  endpoint('PATCH /v1/notices/{id}', {
    summary: 'Change a draft',
    description: 'What is left out stays as it was. Whoever changes it cannot approve it any more.',
    id: inPath,
    body: strict({
      words: WordsSchema.optional(),
      template: TemplateSchema.optional(),
      to: AddressesSchema.optional(),
      meets: MeetsSchema.optional(),
    }),
    ok: { status: 200, description: 'The draft, under its new version.', schema: NoticeSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      refuseBoth(body)
      const { words, template, to, meets } = body
      const said = { words: words && wordsFrom(words), template: template && templateFrom(template) }
      await editNotice(vault, call, id, { ...said, to, meets })
      return { body: wireNotice(await findNotice(vault, call.caller, id)) }
    },
  }),

  endpoint('POST /v1/notices/{id}/approve', {
    summary: 'Have a notice sent that somebody else has written',
    description: '`version` is the draft that was read. From this answer on it is being sent.',
    id: inPath,
    body: strict({ version: z.int().min(1).max(1_000_000_000) }),
    ok: { status: 200, description: 'The notice, approved.', schema: NoticeSchema },
    errors: ['approval_own', 'state_conflict', 'channel_not_configured'],
    async handle({ vault, call, id, body }) {
      await approveNotice(vault, call, id, body.version)
      return { body: wireNotice(await findNotice(vault, call.caller, id)) }
    },
  }),

  endpoint('POST /v1/notices/{id}/cancel', {
    summary: 'Stop a notice',
    description: 'No attempt begins after this is answered; what is out is out.',
    id: inPath,
    body: strict({ reason: Reason }),
    ok: { status: 200, description: 'The notice, cancelled.', schema: NoticeSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      await cancelNotice(vault, call, id, body.reason)
      return { body: wireNotice(await findNotice(vault, call.caller, id)) }
    },
  }),

  endpoint('GET /v1/notices/{id}/deliveries', {
    summary: 'What became of each recipient',
    id: inPath,
    query: PagingQuery,
    ok: { status: 200, description: 'Each once.', schema: listOf(DeliverySchema) },
    async handle({ vault, call, id, query }) {
      const { rows, next } = await listDeliveries(vault, call.caller, id, pageFrom(query))
      return { body: { items: rows.map(wireDelivery), next_cursor: next } }
    },
  }),

  endpoint('POST /v1/notices/{id}/reports', {
    summary: 'Say what became known of recipients later',
    description:
      'A bounce that came back as a mail, a receipt of a gateway. Each item is noted by itself: `noted`, `unchanged`, `unknown` (no recipient of this notice) or `not_sent`.',
    id: inPath,
    body: strict({ items: batchOf(ReportSchema) }),
    ok: {
      status: 200,
      description: 'In the order given.',
      schema: z.object({ items: z.array(z.object({ status: ReportOutcome })) }),
    },
    async handle({ vault, call, id, body }) {
      const outcomes = await reportDeliveries(vault, call, id, body.items.map(reportFrom))
      return { body: { items: outcomes.map((status) => ({ status })) } }
    },
  }),

  endpoint('GET /v1/me/notices', {
    summary: 'What I was told about leaks',
    ok: {
      status: 200,
      description: 'Newest first, in my language.',
      schema: z.object({ items: z.array(OwnNoticeSchema) }),
    },
    errors: ['not_found'],
    async handle({ vault, call }) {
      return { body: { items: (await listOwnNotices(vault, call.caller)).map(wireOwnNotice) } }
    },
  }),

  endpoint('GET /t/{tenant}/notices/{rest}', {
    summary: 'A public notice',
    id: tenantInPath,
    rest: { what: 'notice', parse: (text) => parseId('ntc', text) },
    ok: { status: 200, description: 'A page.', schema: z.string(), type: 'text/html; charset=utf-8' },
    async handle({ vault, id, rest }) {
      const { words, publishedAt } = await findPublished(vault, id, rest)
      return {
        body: await noticePage(words, publishedAt),
        headers: { 'cache-control': 'public, max-age=300' },
      }
    },
  }),
]
