import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { TEST_BINDINGS } from './test/edge/test-bindings.ts'

// Time is no verdict here: these only end what hangs.
const timeouts = { testTimeout: 300_000, hookTimeout: 300_000 }

/** What test/http opens its stores with, there. */
const HTTP_STORE = fileURLToPath(new URL('test/edge/open-http-store.ts', import.meta.url))

/** What runs on a PostgreSQL of its own; the HTTP suite runs on each engine. */
const ON_POSTGRES = [
  'test/contract/postgres.test.ts',
  'test/postgres/**/*.test.ts',
  'test/proofs/*.postgres.test.ts',
]
const HTTP_SUITE = 'test/http/**/*.test.ts'

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'sqlite',
          include: ['test/**/*.test.ts'],
          exclude: ['test/edge/**', ...ON_POSTGRES],
          env: { CLOAKROOM_TEST_ENGINE: 'sqlite' },
          ...timeouts,
        },
      },
      {
        test: {
          name: 'postgres',
          include: [...ON_POSTGRES, HTTP_SUITE],
          env: { CLOAKROOM_TEST_ENGINE: 'postgres' },
          globalSetup: ['test/postgres/global-setup.ts'],
          ...timeouts,
        },
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
        test: { name: 'edge', include: ['test/edge/**/*.test.ts', HTTP_SUITE], ...timeouts },
      },
    ],
  },
})
