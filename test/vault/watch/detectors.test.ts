import { expect, test } from 'vitest'
import { DETECTORS } from '../../../src/vault/watch/detectors/index.ts'
import type { AnyDetector } from '../../../src/vault/watch/detectors/index.ts'
import { Runner } from '../../../src/vault/watch/runner.ts'
import { SENTENCE_CODES, sentenceOf } from '../../../src/vault/watch/sentences.ts'
import { EMPTY_SKETCH, addTo, countOf } from '../../../src/vault/watch/sketch.ts'
import { runMonth } from '../../proofs/watch/run.ts'

/** A small month in which every detector finds something. */
const SMALL = { seed: 1, days: 22, scale: 0.02, times: 1, firstAttack: 13 }
/** Some kilobytes: what one credential with a thousand operators costs. */
const MOST_BYTES = 16_384

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) frozen(member)
  }
  return value
}

/** Each state is frozen, and is what comes back from the store: one that was written down and read. */
function through(write: (state: unknown) => void): readonly AnyDetector[] {
  return DETECTORS.map((one) => ({
    ...one,
    look(state, event, parameters, key) {
      const { state: next, found } = one.look(frozen(state), frozen({ ...event }), parameters, key)
      if (next === state) return { state: next, found }
      write(next)
      return { state: JSON.parse(JSON.stringify(next)) as unknown, found }
    },
  }))
}

test('detectors are pure, their states are JSON and bounded, and nothing is lost by storing them', () => {
  let most = 0
  const sizes = (state: unknown) => (most = Math.max(most, JSON.stringify(state).length))
  const stored = runMonth(SMALL, (failed) => new Runner({}, failed, through(sizes)))
  const plain = runMonth(SMALL)
  const said = ({ raised }: typeof plain) =>
    raised.map(({ made: { detector, finding, event } }) => [
      detector,
      finding.about,
      finding.figures,
      event.at,
    ])
  expect(stored.thrown).toBe(0)
  expect(said(stored)).toEqual(said(plain))
  expect(new Set(plain.raised.map(({ made }) => made.detector))).toEqual(
    new Set(DETECTORS.map(({ name }) => name)),
  )
  expect(most).toBeLessThan(MOST_BYTES)
}, 300_000)

test('every finding has its sentence, in which no figure is missing', () => {
  for (const { made } of runMonth(SMALL).raised) {
    const { code, figures, about } = made.finding
    expect(SENTENCE_CODES).toContain(code)
    expect(sentenceOf({ code, figures, about, count: 1, lastAt: made.event.at })).not.toContain('?')
  }
}, 300_000)

test('a sketch counts different ones within a seventh, up to three hundred', () => {
  for (const count of [1, 5, 25, 40, 100, 300]) {
    let sketch = EMPTY_SKETCH
    for (let twice = 0; twice < 2; twice++)
      for (let i = 0; i < count; i++) sketch = addTo(sketch, i * 7_919 + count)
    expect(Math.abs(countOf(sketch) - count)).toBeLessThanOrEqual(Math.max(1, count * 0.15))
  }
})
