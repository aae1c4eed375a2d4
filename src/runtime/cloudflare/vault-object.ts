import { DurableObject } from 'cloudflare:workers'
import type { TenantId } from '../../core/id.ts'
import { readConfig } from './bindings.ts'
import { openObject } from './compose.ts'
import type { Opened } from './compose.ts'
import { openDrizzle } from './durable-driver.ts'
import { NO_SUCH_TENANT, issued, makeTenant, moreCredential } from './issued.ts'
import type { Issued } from './issued.ts'
import { isMade } from './migrations.ts'
import type { Bindings } from './objects.ts'
import { orRefusal } from './or-refusal.ts'
import { strangersApp } from './strangers.ts'

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
      return makeTenant(vault, tenant)
    })
  }

  /** Another credential of the platform's: what takes two people takes two. */
  async issueCredential(tenant: TenantId): Promise<Issued> {
    if (!this.#exists()) return NO_SUCH_TENANT
    return issued(async () => moreCredential((await this.#opened()).vault, tenant))
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
