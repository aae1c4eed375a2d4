import { defineConfig } from 'vitest/config'

/** What runs on a PostgreSQL of its own; the HTTP suite runs on either engine. */
const ON_POSTGRES = ['test/contract/postgres.test.ts', 'test/postgres/**/*.test.ts']

export default defineConfig({
  test: {
    // Time is no verdict here: these only end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'sqlite',
          include: ['test/**/*.test.ts'],
          exclude: ON_POSTGRES,
          env: { CLOAKROOM_TEST_ENGINE: 'sqlite' },
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [...ON_POSTGRES, 'test/http/**/*.test.ts'],
          env: { CLOAKROOM_TEST_ENGINE: 'postgres' },
          globalSetup: ['test/postgres/global-setup.ts'],
        },
      },
    ],
  },
})
