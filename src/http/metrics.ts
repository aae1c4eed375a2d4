/** One answered request. `route` is the pattern, never the path: ids stay out of metrics. */
export type Observation = { route: string; method: string; status: number; seconds: number }

/** Where figures go. Must not throw, and costs the request its own time. */
export type HttpMetrics = {
  observe(observation: Observation): void
  /** Prometheus text format 0.0.4. */
  render(): Promise<string>
}
