import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import { DELIVERY_STATES, NOTICE_CHANNELS, NOTICE_STATES } from '../../vault/incidents/notices/notice.ts'
import type {
  CountedNotice,
  NoticeView,
  OwnNotice,
  ShownDelivery,
} from '../../vault/incidents/notices/queries.ts'
import type { Reported } from '../../vault/incidents/notices/report.ts'
import type { Template, Words } from '../../vault/incidents/notices/words.ts'
import type { NoticeValues } from '../../vault/incidents/notices/templates/draft.ts'
import { CONDITIONS, NOTICE_AUDIENCES, NOTICE_ITEMS } from '../../vault/incidents/notices/templates/items.ts'
import type { NoticeItem } from '../../vault/incidents/notices/templates/items.ts'
import { NOTICE_LANGUAGES } from '../../vault/incidents/notices/templates/language.ts'
import type { NoticeLanguage } from '../../vault/incidents/notices/templates/language.ts'
import { INCIDENT_RULES } from '../../vault/incidents/mark-clocks.ts'
import { wireTime } from '../endpoint.ts'
import { IncidentRule } from './clocks.ts'
import { idSchema } from './ids.ts'
import { strict } from './strict.ts'
import { Line, TimeOut } from './words.ts'

const NOTICE_ITEM_NAMES = Object.keys(NOTICE_ITEMS) as readonly NoticeItem[]

export const Audience = z.enum(NOTICE_AUDIENCES)
export const Channel = z.enum(NOTICE_CHANNELS)

/** ISO 3166-1 or -2, `EU`, or `unknown`. */
export const JurisdictionOrUnknown = z
  .string()
  .regex(/^([A-Z]{2}(-[A-Z0-9]{1,3})?|unknown)$/)
  .openapi({
    description: 'ISO 3166, `EU`, or `unknown` for persons of whom it is not known.',
    example: 'KR',
  })

const MAX_TEXT = 20_000
const MAX_HTML = 100_000
const MAX_LANGUAGES = 30
const MAX_ADDRESSES = 100
const MAX_ADDRESS = 320

const Language = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$/)

const Said = {
  subject: Line,
  text: z.string().min(1).max(MAX_TEXT),
  html: z.string().max(MAX_HTML).optional(),
}

export const WordsSchema = z
  .record(Language, strict(Said))
  .refine((words) => Object.keys(words).length <= MAX_LANGUAGES, { params: { code: 'too_many' } })
  .openapi({ description: 'By language (BCP 47). `{name}` stands for the person’s name. Kept sealed.' })

export const AddressesSchema = z
  .array(z.string().min(1).max(MAX_ADDRESS))
  .max(MAX_ADDRESSES)
  .openapi({ description: 'Addresses of an authority or partners, of the channel’s kind. Kept sealed.' })

export const MeetsSchema = z.array(IncidentRule).max(INCIDENT_RULES.length).openapi({
  description:
    'Rules whose clocks it meets once it is sent, of its audience and jurisdiction. Left out of a new draft: those that its audience and jurisdiction tell for sure.',
})

const Values = strict(
  Object.fromEntries(NOTICE_ITEM_NAMES.map((item) => [item, z.string().max(MAX_TEXT).optional()])) as Record<
    NoticeItem,
    z.ZodOptional<z.ZodString>
  >,
)

export const TemplateSchema = strict({
  occurrence: z.enum(['established', 'possible']).optional(),
  conditions: z.array(z.enum(CONDITIONS)).max(CONDITIONS.length).optional(),
  values: strict(
    Object.fromEntries(NOTICE_LANGUAGES.map((language) => [language, Values.optional()])) as Record<
      NoticeLanguage,
      z.ZodOptional<typeof Values>
    >,
  ),
}).openapi('NoticeTemplate', {
  description:
    'What is filled into the vault’s own templates, item by item, in the place of `words`. Kept sealed.',
})

export function templateFrom(given: z.output<typeof TemplateSchema>): Template {
  const values = Object.entries(given.values).flatMap(([language, items]) => {
    return items === undefined ? [] : [[language, present(items)] as const]
  })
  return {
    occurrence: given.occurrence ?? 'established',
    conditions: given.conditions ?? [],
    values: Object.fromEntries(values),
  }
}

function present(items: z.output<typeof Values>): NoticeValues {
  return Object.fromEntries(Object.entries(items).filter(([, text]) => text !== undefined))
}

/** Without members that are there and undefined. */
export function wordsFrom(given: z.output<typeof WordsSchema>): Words {
  const entries = Object.entries(given).map(([language, { subject, text, html }]) => {
    return [language, { subject, text, ...(html !== undefined && { html }) }] as const
  })
  return Object.fromEntries(entries)
}

const Spoken = z.record(
  z.string(),
  z.object({ subject: z.string(), text: z.string(), html: z.string().optional() }),
)

export const NoticeSchema = z
  .object({
    id: idSchema('ntc'),
    incident: idSchema('inc'),
    audience: Audience,
    jurisdiction: z.string().nullable(),
    channel: Channel,
    state: z.enum(NOTICE_STATES),
    drafted_by: idSchema('key'),
    drafted_at: TimeOut,
    edited_by: idSchema('key'),
    approved_by: idSchema('key').nullable(),
    approved_at: TimeOut.nullable(),
    version: z.int().openapi({ description: 'What an approval names.' }),
    words: Spoken,
    template: z
      .looseObject({ values: z.record(z.string(), z.record(z.string(), z.string())) })
      .nullable()
      .openapi({ description: 'As it was given, where there is one.' }),
    to: z.array(z.string()),
    meets: z.array(z.string()).openapi({ description: 'Rules whose clocks it meets once it is sent.' }),
    reason: z.string().nullable().openapi({ description: 'Why it was left out, or cancelled.' }),
  })
  .openapi('Notice')

export function wireNotice(view: NoticeView): z.input<typeof NoticeSchema> {
  const { id, incident, audience, jurisdiction, channel, state, version } = view
  return {
    id,
    incident,
    audience,
    jurisdiction,
    channel,
    state,
    drafted_by: view.draftedBy,
    drafted_at: toRfc3339(view.draftedAt),
    edited_by: view.editedBy,
    approved_by: view.approvedBy,
    approved_at: wireTime(view.approvedAt),
    version,
    words: { ...view.words },
    template: view.template ? structuredClone(view.template) : null,
    to: [...view.to],
    meets: [...view.meets],
    reason: view.reason ?? null,
  }
}

const SHOWN_STATES = [...DELIVERY_STATES, 'cancelled'] as const

const Figures = z
  .object(
    Object.fromEntries(SHOWN_STATES.map((state) => [state, z.int()])) as Record<
      (typeof SHOWN_STATES)[number],
      z.ZodInt
    >,
  )
  .openapi('NoticeFigures', { description: 'Recipients by what became of them.' })

const Lacks = z
  .array(z.object({ pointer: z.string(), code: z.string(), article: z.string().nullable() }))
  .openapi({ description: 'Of a draft: what keeps it from being approved, and which law asks for it.' })

export const CountedNoticeSchema = NoticeSchema.extend({
  figures: Figures,
  lacks: Lacks,
  preview: Spoken.openapi({ description: 'As it goes out, by language.' }),
  could_meet: z.array(z.string()).openapi({
    description: 'Of a draft: rules whose clocks wait and that `meets` may name, as of the last count.',
  }),
}).openapi('CountedNotice')

export function wireCounted(view: CountedNotice): z.input<typeof CountedNoticeSchema> {
  const figures = Object.fromEntries(SHOWN_STATES.map((state) => [state, view.figures[state] ?? 0]))
  const lacks = view.lacks.map(({ article = null, ...lack }) => ({ ...lack, article }))
  const preview = { ...view.preview }
  const could_meet = [...view.couldMeet]
  return { ...wireNotice(view), figures: figures as z.input<typeof Figures>, lacks, preview, could_meet }
}

export const DeliverySchema = z
  .object({
    subject: idSchema('sub').nullable(),
    to: z.int().nullable().openapi({ description: 'Which of the notice’s own addresses, from 0.' }),
    state: z.enum(SHOWN_STATES),
    attempts: z.int(),
    next_attempt_at: TimeOut.nullable(),
    code: z.string().nullable().openapi({ description: 'Why: a reply’s number, or a word.' }),
    queued_at: TimeOut,
    at: TimeOut,
  })
  .openapi('NoticeDelivery')

export function wireDelivery(row: ShownDelivery): z.input<typeof DeliverySchema> {
  const { subject, to, state, attempts, code } = row
  const times = {
    next_attempt_at: wireTime(row.nextAt),
    queued_at: toRfc3339(row.since),
    at: toRfc3339(row.at),
  }
  return { subject, to, state, attempts, code, ...times }
}

export const OwnNoticeSchema = z
  .object({
    id: idSchema('ntc'),
    incident: idSchema('inc'),
    channel: Channel,
    state: z.enum(DELIVERY_STATES),
    at: TimeOut,
    language: z.string(),
    subject: z.string(),
    text: z.string(),
    html: z.string().nullable(),
  })
  .openapi('OwnNotice')

export function wireOwnNotice({ message, at, ...own }: OwnNotice): z.input<typeof OwnNoticeSchema> {
  const { language, subject, text, html = null } = message
  return { ...own, at: toRfc3339(at), language, subject, text, html }
}

export const ReportSchema = z.union([
  strict({ subject: idSchema('sub'), state: z.enum(['delivered', 'bounced']) }),
  strict({
    to: z
      .int()
      .min(0)
      .max(MAX_ADDRESSES)
      .openapi({ description: 'Which of the notice’s own addresses, from 0.' }),
    state: z.enum(['delivered', 'bounced']),
  }),
])

export const ReportOutcome = z.enum(['noted', 'unchanged', 'unknown', 'not_sent'])

export function reportFrom(item: z.output<typeof ReportSchema>): Reported {
  const { state } = item
  return { state, of: 'subject' in item ? { subject: item.subject } : { to: item.to } }
}
