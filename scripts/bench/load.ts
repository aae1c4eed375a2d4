import autocannon from 'autocannon'

export type Load = {
  perSecond: number
  p50: number
  p99: number
  /** Answers that were not what they had to be: anything above 0 makes the figure void. */
  wrong: number
}

type Shot = { method: 'GET' | 'POST'; path: string; headers?: Record<string, string> }

/** As many requests as there are bodies, each sent once, over `connections` connections. Latencies in ms. */
export async function fire(
  url: string,
  shot: Shot,
  bodies: readonly string[],
  right: (body: string) => boolean,
  connections = 64,
): Promise<Load> {
  let next = 0
  let wrong = 0
  const started = performance.now()
  // autocannon ends on a whole second: what counts is when the last answer came.
  let answered = started
  const result = await autocannon({
    url,
    connections,
    amount: bodies.length,
    requests: [
      {
        ...shot,
        setupRequest: (request) => ({ ...request, body: bodies[next++ % bodies.length] ?? '' }),
        onResponse: (status, body) => {
          answered = performance.now()
          if (status !== 200 || !right(body)) wrong += 1
        },
      },
    ],
  })
  const seconds = (answered - started) / 1000
  return {
    perSecond: bodies.length / seconds,
    p50: result.latency.p50,
    p99: result.latency.p99,
    wrong: wrong + result.errors,
  }
}

/** The yardstick: the lightest answer that the service has. */
export async function fireHealth(url: string, seconds: number): Promise<Load> {
  const result = await autocannon({ url: `${url}/healthz`, connections: 64, duration: seconds })
  const wrong = result.errors + result.non2xx
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99, wrong }
}
