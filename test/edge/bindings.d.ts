import type { Bindings } from '../../src/runtime/cloudflare/objects.ts'
import type * as worker from '../../src/runtime/cloudflare/worker.ts'

declare global {
  namespace Cloudflare {
    interface Env extends Bindings {}
    interface GlobalProps {
      mainModule: typeof worker
    }
  }
}
