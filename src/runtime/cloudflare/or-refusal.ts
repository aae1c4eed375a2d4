import { requestIdOf } from '../../http/middleware/request-id.ts'
import { refuse } from '../../http/serve-endpoint.ts'
import { log } from './log.ts'
import { random } from './random.ts'

/** What `work` answers, or a failure's answer as the app would give it: its code in the log, no more than is public outside. */
export async function orRefusal(request: Request, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    const known = { requestId: requestIdOf(request.headers, random), method: request.method, route: 'edge' }
    return refuse(log, known, error, true)
  }
}
