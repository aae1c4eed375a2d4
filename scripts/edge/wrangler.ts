import { fileURLToPath } from 'node:url'

export const WRANGLER = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url))

/** One object per tenant. */
export const OBJECTS_CONFIG = 'wrangler.toml'
/** Over PostgreSQL. */
export const POSTGRES_CONFIG = 'deploy/wrangler.postgres.toml'

/** It works without the network, tells nobody, and keeps no copy of what requests said. */
export function wranglerEnv(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    X_LOCAL_OBSERVABILITY: 'false',
    X_LOCAL_EXPLORER: 'false',
  }
}
