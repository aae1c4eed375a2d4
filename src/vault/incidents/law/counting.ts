import type { Counting } from './rule.ts'

/** What is assumed where the evidence does not say how days are counted. */
export const COUNTING_ASSUMED: Counting = {
  firstDay: 'excluded',
  dayOff: 'stays',
  mark: 'K',
  basis:
    'not in the evidence; assumed: the day of the trigger is not counted, and an end on a day off does not move',
}
