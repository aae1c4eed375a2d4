import { z } from '@hono/zod-openapi'
import { FIELD_NAMES } from '../../vault/fields/registry.ts'
import type { CopiedStore } from '../../vault/incidents/copied-store.ts'
import type { Scope } from '../../vault/incidents/scope.ts'
import type { ScopedSubject } from '../../vault/incidents/scope-subjects.ts'
import { wireTime } from '../endpoint.ts'
import { PartyIdSchema, idSchema } from './ids.ts'
import { ViewsSchema } from './person.ts'
import { TimeOut } from './words.ts'

const Counts = z.record(z.string(), z.int())
const Named = z.array(z.object({ name: z.string(), events: z.int() }))
const Shown = z.object({ events: z.int(), subjects: z.int() })

const CopiedSchema = z
  .object({
    subjects: z.int().openapi({ description: 'Persons whose values the copy holds.' }),
    opens: z.int().openapi({ description: 'Persons whose values open with the keys that are known.' }),
    opens_erased: z.int(),
    canaries: z.int(),
    by_jurisdiction: Counts,
    by_language: Counts,
  })
  .openapi('CopiedStore')

export const ScopeSchema = z
  .object({
    events: z.int(),
    subjects: z.int(),
    erased: z.int().openapi({ description: 'Of the subjects.' }),
    canaries: z
      .int()
      .openapi({ description: 'Made-up persons who were shown: in the events, in no number of persons.' }),
    first_at: TimeOut.nullable(),
    last_at: TimeOut.nullable(),
    by_jurisdiction: Counts.openapi({ description: 'Persons; `unknown` for what is not or no more known.' }),
    by_language: Counts.openapi({ description: 'Persons.' }),
    by_field: z
      .record(z.string(), z.record(z.string(), Shown))
      .openapi({ description: 'Field, then view: how often it was shown, and of how many persons.' }),
    by_view: Counts.openapi({ description: 'Fields shown.' }),
    by_type: Counts.openapi({ description: 'Events.' }),
    by_party: Counts.openapi({ description: 'Events; `platform` and `person` where no party acted.' }),
    by_credential: Counts,
    by_operator: Named.openapi({ description: "Events, by the callers' own names." }),
    by_device: Named,
    copied: CopiedSchema.nullable(),
  })
  .openapi('Scope')

function counts(rows: readonly (readonly [string, number])[]): Record<string, number> {
  return Object.fromEntries(rows)
}

function named(rows: readonly (readonly [string, number])[]) {
  return rows.map(([name, events]) => ({ name, events }))
}

function wireFields(rows: Scope['byField']): z.input<typeof ScopeSchema>['by_field'] {
  const fields = FIELD_NAMES.map((name) => {
    const views = rows.filter(({ field }) => field === name)
    return [name, Object.fromEntries(views.map(({ view, counted }) => [view, counted]))] as const
  })
  return Object.fromEntries(fields.filter(([, views]) => Object.keys(views).length > 0))
}

function wireCopied(copied: CopiedStore): z.input<typeof CopiedSchema> {
  const { subjects, opens, opensErased, canaries, byJurisdiction, byLanguage } = copied
  return {
    subjects,
    opens,
    opens_erased: opensErased,
    canaries,
    by_jurisdiction: counts(byJurisdiction),
    by_language: counts(byLanguage),
  }
}

export function wireScope(scope: Scope): z.input<typeof ScopeSchema> {
  const { events, subjects, erased, canaries } = scope
  return {
    events,
    subjects,
    erased,
    canaries,
    first_at: wireTime(scope.firstAt),
    last_at: wireTime(scope.lastAt),
    by_jurisdiction: counts(scope.byJurisdiction),
    by_language: counts(scope.byLanguage),
    by_field: wireFields(scope.byField),
    by_view: counts(scope.byView),
    by_type: counts(scope.byType),
    by_party: counts(scope.byParty),
    by_credential: counts(scope.byCredential),
    by_operator: named(scope.byOperator),
    by_device: named(scope.byDevice),
    copied: scope.copied && wireCopied(scope.copied),
  }
}

export const ScopedSubjectSchema = z
  .object({
    subject: idSchema('sub'),
    jurisdiction: z.string().nullable(),
    language: z.string().nullable(),
    erased: z.boolean(),
    canary: z.boolean().openapi({ description: 'Made up by the platform: nobody to be told.' }),
    events: z.int(),
    fields: ViewsSchema.openapi({ description: 'What was shown at most.' }),
    parties: z.array(PartyIdSchema),
    first_at: TimeOut.nullable(),
    last_at: TimeOut.nullable(),
  })
  .openapi('ScopedSubject')

export function wireScopedSubject(row: ScopedSubject): z.input<typeof ScopedSubjectSchema> {
  const { subject, jurisdiction, locale, erased, canary, events, fields, parties } = row
  return {
    subject,
    jurisdiction,
    language: locale,
    erased,
    canary,
    events,
    fields: { ...fields },
    parties: [...parties],
    first_at: wireTime(row.firstAt),
    last_at: wireTime(row.lastAt),
  }
}
