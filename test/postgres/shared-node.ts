import { CLOAKROOM, ServiceProcess } from '../proofs/service-process.ts'

/** A process on Node that shares database and keys with others. */
export class SharedNode extends ServiceProcess {
  readonly #shared: NodeJS.ProcessEnv

  constructor(shared: NodeJS.ProcessEnv) {
    super(CLOAKROOM)
    this.#shared = shared
  }

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, ...this.#shared }
  }
}
