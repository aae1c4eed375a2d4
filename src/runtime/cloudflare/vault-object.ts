import { DurableObject } from 'cloudflare:workers'
import { VaultError, isVaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { newCredential } from '../../crypto/credential.ts'
import { createTenant, issuePlatformCredential } from '../../vault/principals/tenants.ts'
import type { Bindings } from './bindings.ts'
import { readConfig } from './bindings.ts'
import { openObject } from './compose.ts'
import type { Opened } from './compose.ts'
import { openDrizzle } from './durable-driver.ts'
import { isMade } from './migrations.ts'
import { orRefusal } from './or-refusal.ts'
import { strangersApp } from './strangers.ts'

/** What an operator asked of an object came to; errors do not cross from one isolate to another as they are. */
export type Issued =
  { ok: true; credential: string } | { ok: false; code: VaultError['code']; message: string }

/** One tenant's vault: its data, its app, its periodic work. The platform runs one of each name at a time. */
export class VaultObject extends DurableObject<Bindings> {
  #opening: Promise<Opened> | undefined

  override fetch(request: Request): Promise<Response> {
    return orRefusal(request, async () => {
      if (!this.#exists()) return strangersApp(this.env).fetch(request)
      const { app } = await this.#opened()
      return app.fetch(request)
    })
  }

  override async alarm(): Promise<void> {
    if (!this.#exists()) return
    const { jobs, sealedBy } = await this.#opened()
    // Without keys no checkpoint can be signed. Opening the object the next time sets the alarm again.
    if (!sealedBy) await jobs.run()
  }

  /** Makes this object's tenant, with a first credential of the platform's that is shown this once. */
  createTenant(tenant: TenantId): Promise<Issued> {
    return issued(async () => {
      const { vault, sealedBy } = await this.#opened()
      if (sealedBy) throw sealedBy
      if (await vault.store.findTenant(tenant))
        throw new VaultError('state_conflict', 'This tenant is there already.')
      const credential = newCredential(tenant, vault.random)
      await createTenant(vault, tenant, credential)
      return credential.exposeSecret()
    })
  }

  /** Another credential of the platform's: what takes two people takes two. */
  issueCredential(tenant: TenantId, label: string): Promise<Issued> {
    return issued(async () => {
      if (!this.#exists()) throw new VaultError('not_found', 'No such tenant.')
      const { vault } = await this.#opened()
      return (await issuePlatformCredential(vault, tenant, label)).secret.exposeSecret()
    })
  }

  #exists(): boolean {
    return this.#opening !== undefined || isMade(openDrizzle(this.ctx.storage))
  }

  /** Once for the life of this instance; a failure is met anew by each request. */
  #opened(): Promise<Opened> {
    const open = async () => openObject(this.ctx, readConfig(this.env))
    this.#opening ??= open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }
}

async function issued(work: () => Promise<string>): Promise<Issued> {
  try {
    return { ok: true, credential: await work() }
  } catch (error) {
    if (!isVaultError(error)) throw error
    return { ok: false, code: error.code, message: error.message }
  }
}
