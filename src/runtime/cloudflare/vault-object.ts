import { DurableObject } from 'cloudflare:workers'
import type { TenantId } from '../../core/id.ts'
import { NO_SUCH_TENANT, administer, isVaultCall, outcomeOf } from './administer.ts'
import type { AdminCall, Outcome } from './administer.ts'
import { readConfig } from './bindings.ts'
import { openObject } from './compose.ts'
import type { Opened } from './compose.ts'
import { openDrizzle } from './durable-driver.ts'
import { isMade } from './migrations.ts'
import { answerMove } from './move-out.ts'
import type { Bindings } from './objects.ts'
import { orRefusal } from './or-refusal.ts'
import { requireAwake, restOf } from './rest.ts'
import { answerRotation, isRotationCall } from './rotations.ts'
import { strangersApp } from './strangers.ts'

/** One tenant's vault: its data, its app, its periodic work. The platform runs one of each name at a time. */
export class VaultObject extends DurableObject<Bindings> {
  #opening: Promise<Opened> | undefined

  override fetch(request: Request): Promise<Response> {
    return orRefusal(request, async () => {
      if (!this.#exists()) return strangersApp(this.env).fetch(request)
      requireAwake(this.ctx.storage)
      const { app } = await this.#opened()
      return app.fetch(request)
    })
  }

  override async alarm(): Promise<void> {
    if (!this.#exists() || restOf(this.ctx.storage)) return
    const { jobs, sealedBy } = await this.#opened()
    // Without keys no checkpoint can be signed. Opening the object the next time sets the alarm again.
    if (!sealedBy) await jobs.run()
  }

  /** What an operator asks of this object's tenant. Making it is what makes the object. */
  async administer(tenant: TenantId, call: AdminCall): Promise<Outcome> {
    if (call.type !== 'create' && !this.#exists()) return NO_SUCH_TENANT
    return outcomeOf(async () => {
      const { storage } = this.ctx
      const opened = () => this.#opened()
      if (!isVaultCall(call) && !isRotationCall(call)) return answerMove({ storage, tenant, opened }, call)
      requireAwake(storage)
      const { vault, sealedBy } = await opened()
      if (isRotationCall(call)) return answerRotation(vault, tenant, call)
      if (call.type === 'create' && sealedBy) throw sealedBy
      return administer(vault, tenant, call)
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
