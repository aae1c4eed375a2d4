import { expect, test } from 'vitest'
import { prove, routesOf, rulesOf, short } from './p11-access.proof.ts'
import { withoutRule } from './p11-matrix.ts'
import { openWorld } from './p11-world.ts'

test("nobody sees another's", async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
