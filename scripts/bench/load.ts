import autocannon from 'autocannon'

export type Load = {
  perSecond: number
  p50: number
  p99: number
  /** Answers that were not what they had to be: anything above 0 makes the figure void. */
  wrong: number
}

type Shot = { method: 'GET' | 'POST'; path: string; headers?: Record<string, string> }

/**
 * As many requests as there are bodies, each sent once, over `most` connections or fewer. Latencies in ms.
 * All are made before the first is sent, and only the body of an answer is looked at: client and service share the cores.
 */
export async function fire(
  url: string,
  shot: Shot,
  bodies: readonly string[],
  right: (body: string) => boolean,
  most = 64,
): Promise<Load> {
  const connections = Math.min(most, bodies.length)
  let connection = 0
  let started = 0
  // autocannon ends on a whole second: what counts is when the last answer came.
  let answered = 0
  const result = await autocannon({
    url,
    connections,
    amount: bodies.length,
    setupClient(client) {
      const first = connection++
      const own = bodies.filter((_, i) => i % connections === first)
      client.setRequests(own.map((body) => ({ ...shot, body })))
      started = performance.now()
    },
    verifyBody(body) {
      answered = performance.now()
      return right(String(body))
    },
  })
  const seconds = (answered - started) / 1000
  const wrong = result.mismatches + result.non2xx + result.errors
  return { perSecond: bodies.length / seconds, p50: result.latency.p50, p99: result.latency.p99, wrong }
}

/** The yardstick: the lightest answer that the service has. */
export async function fireHealth(url: string, seconds: number): Promise<Load> {
  const result = await autocannon({ url: `${url}/healthz`, connections: 64, duration: seconds })
  const wrong = result.errors + result.non2xx
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99, wrong }
}
