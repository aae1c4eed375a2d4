import { requestIdOf } from '../../http/middleware/request-id.ts'
import { refuse } from '../../http/serve-endpoint.ts'
import { answerAdmin } from './admin.ts'
import { objectsOf } from './bindings.ts'
import type { Bindings } from './bindings.ts'
import { log } from './log.ts'
import { random } from './random.ts'
import { strangersApp } from './strangers.ts'
import { tenantOf } from './tenant-of.ts'

export { VaultObject } from './vault-object.ts'

async function route(request: Request, env: Bindings): Promise<Response> {
  const objects = objectsOf(env)
  const tenant = tenantOf(request)
  return tenant ? objects.getByName(tenant).fetch(request) : strangersApp(env).fetch(request)
}

export default {
  async fetch(request, env): Promise<Response> {
    try {
      return (await answerAdmin(request, env)) ?? (await route(request, env))
    } catch (error) {
      const known = { requestId: requestIdOf(request.headers, random), method: request.method, route: 'edge' }
      return refuse(log, known, error, true)
    }
  },
} satisfies ExportedHandler<Bindings>
