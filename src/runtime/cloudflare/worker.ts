import { VaultError, isVaultError } from '../../core/errors.ts'
import { answerAdmin } from './admin.ts'
import type { Administer } from './admin.ts'
import { NO_SUCH_TENANT } from './administer.ts'
import { isTenant } from './known-tenants.ts'
import { log } from './log.ts'
import { directoryOf, objectOf, requireObjects } from './objects.ts'
import type { Bindings } from './objects.ts'
import { orRefusal } from './or-refusal.ts'
import { strangersApp } from './strangers.ts'
import { tenantOf } from './tenant-of.ts'

export { TenantDirectory } from './tenant-directory.ts'
export { VaultObject } from './vault-object.ts'

async function route(request: Request, env: Bindings): Promise<Response> {
  requireObjects(env)
  const tenant = tenantOf(request)
  try {
    if (!tenant || !(await isTenant(env, tenant))) return await strangersApp(env).fetch(request)
    return await objectOf(env, tenant).fetch(request)
  } catch (cause) {
    if (isVaultError(cause)) throw cause
    return interrupted(cause)
  }
}

/** The platform ended the object, or could not reach it: a failure of the vault's own comes back as an answer. */
function interrupted(cause: unknown): never {
  throw new VaultError('unavailable', INTERRUPTED, { cause, retryAfterS: 1 })
}

function administerIn(env: Bindings): Administer {
  return async (tenant, call) => {
    const object = objectOf(env, tenant)
    // Before the tenant is there: a name alone leads to an object that holds nothing, and the call can be repeated.
    if (call.type === 'create') await directoryOf(env).add(tenant)
    else if (!(await isTenant(env, tenant))) return NO_SUCH_TENANT
    return object.administer(tenant, call).catch((cause: unknown) => {
      // The operator's answer holds no more than a code.
      const message = cause instanceof Error ? cause.message : String(cause)
      log({ level: 'error', event: 'admin_failed', message })
      return interrupted(cause)
    })
  }
}

const INTERRUPTED =
  'The vault was interrupted, and whether this was done is not known. Repeat it with the same Idempotency-Key.'

export default {
  fetch: (request, env) =>
    orRefusal(
      request,
      async () => (await answerAdmin(request, env, administerIn(env))) ?? (await route(request, env)),
    ),
} satisfies ExportedHandler<Bindings>
