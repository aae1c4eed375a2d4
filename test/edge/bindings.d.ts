import type { Bindings } from '../../src/runtime/cloudflare/bindings.ts'

declare global {
  namespace Cloudflare {
    interface Env extends Bindings {}
  }
}
