import { expect, onTestFinished, test, vi } from 'vitest'
import { createClock } from '../../src/runtime/clock.ts'
import { random } from '../../src/runtime/node/random.ts'

test('the clock never goes back, not even behind what was logged before a restart', () => {
  vi.useFakeTimers({ now: 1_000 })
  onTestFinished(() => void vi.useRealTimers())
  const clock = createClock(5_000)
  expect(clock.now()).toBe(5_000)
  vi.setSystemTime(6_000)
  expect(clock.now()).toBe(6_000)
  vi.setSystemTime(2_000)
  expect(clock.now()).toBe(6_000)
})

test('random bytes are as many as asked for, never repeat, and are the caller’s own', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 5_000; i++) seen.add(Buffer.from(random(16)).toString('hex'))
  expect(seen.size).toBe(5_000)
  expect([0, 1, 8_192, 100_000].map((length) => random(length).length)).toEqual([0, 1, 8_192, 100_000])
  const taken = random(16)
  const copy = Uint8Array.from(taken)
  random(8_000)
  random(8_000)
  expect(taken).toEqual(copy)
})
