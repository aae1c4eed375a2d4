import { expect, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { RunningRoot } from '../../src/tlog/running-root.ts'
import { leafHash, rootOf } from '../../src/tlog/merkle.ts'

test('the root of a log read leaf by leaf is that of the whole tree, at every size', () => {
  const leaves = Array.from({ length: 70 }, (_, i) => leafHash(utf8(`leaf ${i}`)))
  const running = new RunningRoot()
  expect(running.root()).toEqual(rootOf([]))
  leaves.forEach((leaf, i) => {
    running.add(leaf)
    expect(running.root(), `size ${i + 1}`).toEqual(rootOf(leaves.slice(0, i + 1)))
  })
})
