import type { HttpMetrics } from '../../http/metrics.ts'

/**
 * None: an object's memory ends when the platform likes, and its figures with it. The platform counts requests, errors and
 * times by itself.
 */
export const noFigures: HttpMetrics = {
  observe: () => undefined,
  render: () => Promise.resolve('# Cloakroom keeps no figures at the edge: see docs/edge.md\n'),
}
