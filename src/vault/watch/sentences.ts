import { toRfc3339 } from '../../core/time.ts'
import type { Signal } from './signal.ts'

/** One sentence a code. What stands in braces is a figure, or whom it is about. */
const SENTENCES: Readonly<Record<string, string>> = {
  pace_credential:
    'Credential {about} looked at {persons} different persons within an hour; {usual} is the most that is usual for it, and {limit} its limit with the parcels that its party has at work.',
  pace_operator:
    'Operator {about} looked at {persons} different persons within an hour; {usual} is the most that is usual, and {limit} the limit.',
  pace_device:
    'Device {about} looked at {persons} different persons within an hour; {usual} is the most that is usual, and {limit} the limit.',
  newcomer:
    'An operator or device that credential {about} was never used by before looked at {persons} different persons in its first {hours} h ({looks} looks); {known} are known to it.',
  refusals:
    '{about} was refused {refusals} times in short order, as somebody is who guesses; {usual} an hour is the most that is usual for it.',
  search:
    'Credential {about} searched {searches} times within an hour and found nobody {empty} times; {usual} is the most that is usual for it.',
  manifest:
    'Operator {about} looked at parcels of {colleagues} colleagues within {hours} h: {parcels} of those that are followed, which is one in four.',
  unmoved:
    'Of {viewed} parcels that operator {about} saw in full {days} days ago, {left} have not moved since; one parcel in four is followed.',
  hours:
    'Operator {about} looked at {looks} persons in the hour from {hour}:00 UTC, at which it was hardly ever at work on {days} days.',
  full_views:
    'Shop {about} was shown {persons} persons in full within a day; {usual} is the most that is usual for it.',
  full_views_operator:
    'Operator {about} of a shop was shown {persons} persons in full within a day; {usual} is the most that is usual.',
  spread: 'Operator {about} was at {devices} devices within {hours} h; {usual} is the most that is usual.',
  crowd:
    'Person {about} was looked at by {operators} different operators, none of them more than {hours} h after the one before.',
  canary: 'A person who does not exist was touched ({verb}) by {who}: nobody has a reason to.',
  canary_mail: 'Mail came to a person who does not exist, at an address that shop {about} alone was given.',
  flood: 'Detector {detector} raised {signals} signals within an hour; those that follow are counted here.',
}

export const SENTENCE_CODES = Object.keys(SENTENCES)

/** The signal in one sentence with its figures: no person's data, as there is none in it. */
export function sentenceOf(signal: Pick<Signal, 'code' | 'figures' | 'about' | 'count' | 'lastAt'>): string {
  const { code, figures, about, count, lastAt } = signal
  const template = SENTENCES[code] ?? `{about}: ${code}.`
  const said = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'about' ? (about ?? 'the tenant') : String(figures[name] ?? '?'),
  )
  return count > 1 ? `${said} Found ${count} times, last at ${toRfc3339(lastAt)}.` : said
}
