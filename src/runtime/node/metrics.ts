import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { HttpMetrics } from '../../http/metrics.ts'
import type { WatchMemory } from '../../vault/watch/memory.ts'
import type { WitnessMetrics } from './witness-client.ts'

/** prom-client: the de-facto Prometheus client for Node. Another runtime brings its own adapter of the port. */
export function createMetrics(watch?: WatchMemory): HttpMetrics & WitnessMetrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  if (watch) watchMetrics(register, watch)
  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: 'cloakroom_http_requests_total',
    help: 'Requests answered, by route pattern.',
    labelNames,
    registers: [register],
  })
  const seconds = new Histogram({
    name: 'cloakroom_http_request_seconds',
    help: 'Time from the request to the answer.',
    labelNames: ['method', 'route'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [register],
  })
  return {
    ...witnessMetrics(register),
    observe({ method, route, status, seconds: taken }) {
      requests.inc({ method, route, status: String(status) })
      seconds.observe({ method, route }, taken)
    },
    render: () => register.metrics(),
  }
}

/** What the watch keeps in this process, read when somebody asks. */
function watchMetrics(register: Registry, watch: WatchMemory): void {
  const events: Gauge = new Gauge({
    name: 'cloakroom_watch_events',
    help: 'Events that this process has taken through the detectors since it started.',
    collect: () => events.set(watch.looked),
    registers: [],
  })
  const failures: Gauge = new Gauge({
    name: 'cloakroom_watch_failures',
    help: 'How often a detector has thrown since this process started.',
    labelNames: ['detector'] as const,
    collect: () => watch.failures.forEach((count, detector) => failures.set({ detector }, count)),
    registers: [],
  })
  register.registerMetric(events)
  register.registerMetric(failures)
}

function witnessMetrics(register: Registry): WitnessMetrics {
  const visits = new Counter({
    name: 'cloakroom_witness_visits_total',
    help: 'Checkpoints taken to a witness, by how it ended.',
    labelNames: ['witness', 'outcome'] as const,
    registers: [register],
  })
  const rolledBack = new Gauge({
    name: 'cloakroom_log_rolled_back',
    help: '1 if witnesses know a history of a log that this store does not have.',
    registers: [register],
  })
  return {
    witnessVisited: (witness, outcome) => visits.inc({ witness, outcome }),
    setRolledBack: (isRolledBack) => rolledBack.set(isRolledBack ? 1 : 0),
  }
}
