import { CONTENTS, QUALIFIERS } from '../../src/vault/incidents/law/rule.ts'
import type { Clause, Rule } from '../../src/vault/incidents/law/rule.ts'

const TRIGGERS: Record<Rule['trigger'], string> = {
  awareness: 'awareness',
  determination: 'determination that there was a breach',
  assessment_complete: 'the assessment',
  handling_complete: 'the end of handling',
  notice_sent: 'a notice',
  year_end: 'the end of the year of awareness',
  request_received: 'receipt of the request',
}

const UNITS = {
  h: 'h',
  calendar_day: 'calendar days',
  business_day: 'business days',
  month: 'months',
} as const

export function triggerWords({ trigger, after }: Rule): string {
  return after === undefined ? TRIGGERS[trigger] : `the notice of \`${after}\``
}

export function thresholdWords({ threshold }: Rule): string {
  return threshold === null ? 'none' : threshold.any.map(clauseWords).join('; **or** ')
}

export function limitWords({ limit }: Rule): string {
  if (limit.unit === 'none') return QUALIFIERS[limit.qualifier]
  const number = `${limit.n} ${limit.n === 1 ? UNITS[limit.unit].replace(/s$/, '') : UNITS[limit.unit]}`
  return limit.qualifier === 'within' ? number : `${QUALIFIERS[limit.qualifier]}, at most ${number}`
}

export function statusWords({ status, effectiveFrom, effectiveTo, binding }: Rule): string {
  return [
    status.replace('_', ' '),
    ...(effectiveFrom === null ? [] : [`from ${effectiveFrom}`]),
    ...(effectiveTo === null ? [] : [`to ${effectiveTo}`]),
    ...(binding === 'voluntary' ? ['**voluntary**'] : []),
  ].join(', ')
}

export function contentWords({ content }: Rule): string {
  return content.length === 0 ? 'not in the evidence' : content.map((item) => CONTENTS[item]).join('; ')
}

function clauseWords({ count, classes, harm, all = [], none = [] }: Clause): string {
  const spoken = (code: string): string => code.replaceAll('_', ' ')
  return [
    ...(count?.min === undefined ? [] : [`at least ${count.min.toLocaleString('en-US')} persons`]),
    ...(count?.max === undefined ? [] : [`at most ${count.max.toLocaleString('en-US')} persons`]),
    ...(classes === undefined ? [] : [`any of: ${classes.map(spoken).join(', ')}`]),
    ...(harm === undefined ? [] : [`${harm.words} (${spoken(harm.atLeast)})`]),
    ...all.map(spoken),
    ...none.map((name) => `not ${spoken(name)}`),
  ].join(', and ')
}
