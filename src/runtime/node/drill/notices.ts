import { toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { NoticeAudience } from '../../../vault/incidents/notices/templates/items.ts'
import { requiredOf } from '../../../vault/incidents/notices/templates/draft.ts'
import type { NoticeLanguage } from '../../../vault/incidents/notices/templates/language.ts'
import { LAST_RESORT, noticeLanguage } from '../../../vault/incidents/notices/templates/language.ts'
import type { Caller } from './caller.ts'
import type { DrillKind } from './order.ts'
import { noticeJurisdictions } from './whose-law.ts'
import type { WireClock, WireNotice } from './wire.ts'
import { valuesFor } from './words/words.ts'
import type { Known } from './words/words.ts'

export type Touched = {
  persons: number
  byJurisdiction: Readonly<Record<string, number>>
  byLanguage: Readonly<Record<string, number>>
  from: Instant
  to: Instant
}

export type NoticePlan = {
  audience: Extract<NoticeAudience, 'persons' | 'authority'>
  jurisdiction: string
  languages: readonly NoticeLanguage[]
  late: boolean
}

/** Everybody who is touched is written to once, and each authority whose clock runs. */
export function planNotices(
  { byJurisdiction, byLanguage }: Touched,
  clocks: readonly WireClock[],
): NoticePlan[] {
  const languages = languagesOf(Object.keys(byLanguage))
  const persons = noticeJurisdictions(Object.keys(byJurisdiction)).map((jurisdiction): NoticePlan => ({
    audience: 'persons',
    jurisdiction,
    languages,
    late: false,
  }))
  const due = clocks.filter(
    ({ audience, stage, state }) => audience === 'authority' && stage === 'initial' && runs(state),
  )
  const authorities = [...new Set(due.map(({ jurisdiction }) => jurisdiction))].map(
    (jurisdiction): NoticePlan => {
      const late = due.some((clock) => clock.jurisdiction === jurisdiction && clock.state === 'late')
      return { audience: 'authority', jurisdiction, languages: [authorityLanguage(jurisdiction)], late }
    },
  )
  return [...persons, ...authorities]
}

export function runs(state: WireClock['state']): boolean {
  return state === 'running' || state === 'due_soon' || state === 'late'
}

/** In what those who are touched read, as far as there are templates; English for everybody else. */
function languagesOf(locales: readonly string[]): readonly NoticeLanguage[] {
  return [...new Set([LAST_RESORT, ...locales.map((locale) => noticeLanguage(locale))])]
}

function authorityLanguage(jurisdiction: string): NoticeLanguage {
  if (jurisdiction === 'CN') return 'zh-Hans'
  return jurisdiction === 'TW' || jurisdiction === 'HK' ? 'zh-Hant' : LAST_RESORT
}

/** A draft from the template, with a text for all that the law asks for. */
export async function draft(
  officer: Caller,
  incident: string,
  plan: NoticePlan,
  kind: DrillKind,
  { persons, from, to }: Touched,
): Promise<WireNotice> {
  const { audience, jurisdiction, languages, late } = plan
  const conditions = late ? (['late'] as const) : []
  const items = requiredOf({ audience, jurisdiction, conditions }).items.map(({ item }) => item)
  const known: Known = { persons, from: toRfc3339(from), to: toRfc3339(to), date: toRfc3339(to).slice(0, 10) }
  const values = Object.fromEntries(
    languages.map((language) => [language, valuesFor(language, kind, items, known)]),
  )
  const whose = jurisdiction.toLowerCase()
  return officer.ask<WireNotice>(`/v1/incidents/${incident}/notices`, {
    body: {
      audience,
      jurisdiction,
      channel: 'email',
      template: { occurrence: 'established', conditions, values },
      ...(audience === 'authority' && { to: [`authority-${whose}@drill.invalid`] }),
    },
  })
}

/** The second person reads what it says and lacks, and says yes to that version. */
export async function approve(officer: Caller, { id }: WireNotice): Promise<WireNotice> {
  const read = await officer.ask<WireNotice>(`/v1/notices/${id}`)
  await officer.ask(`/v1/notices/${id}/approve`, { body: { version: read.version } })
  return read
}
