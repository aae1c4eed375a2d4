import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { TEST_BINDINGS } from './test/edge/test-bindings.ts'

// Time is no verdict here: these only end what hangs.
const timeouts = { testTimeout: 300_000, hookTimeout: 300_000 }

/** What test/http opens its stores with, there. */
const HTTP_STORE = fileURLToPath(new URL('test/edge/open-http-store.ts', import.meta.url))

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: { name: 'node', include: ['test/**/*.test.ts'], exclude: ['test/edge/**'], ...timeouts },
      },
      {
        // In workerd itself, as wrangler.toml sets it up; what tests import of Node is the platform's own.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { compatibilityFlags: ['nodejs_compat'], bindings: TEST_BINDINGS },
          }),
        ],
        resolve: { alias: { './open-store.ts': HTTP_STORE } },
        test: { name: 'edge', include: ['test/edge/**/*.test.ts', 'test/http/*.test.ts'], ...timeouts },
      },
    ],
  },
})
