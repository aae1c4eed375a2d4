import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WORKERS, bundleWorker, foreignIn } from '../../scripts/edge/bundle.ts'

/** Workers Free takes 3 MiB after gzip. */
const MAX_GZIP_BYTES = 3 * 1024 * 1024

test.each(WORKERS)(
  'the Worker of %s bundles, is small enough, and holds nothing that is for Node alone',
  (config) => {
    const { gzipBytes, foreign } = bundleWorker(config)
    expect(foreign).toEqual([])
    expect(gzipBytes).toBeGreaterThan(100_000)
    expect(gzipBytes).toBeLessThan(MAX_GZIP_BYTES)
  },
)

test('negative control: a Worker that reaches for Node is found out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-edge-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const runtime = join(import.meta.dirname, '../../src/runtime')
  const main = join(folder, 'worker.ts')
  writeFileSync(
    main,
    [
      `import { random } from '${runtime}/node/random.ts'`,
      "import { readFileSync } from 'node:fs'",
      `export { TenantDirectory, VaultObject } from '${runtime}/cloudflare/worker.ts'`,
      "export default { fetch: () => new Response(readFileSync('/etc/hostname').toString() + random(1)) }",
    ].join('\n'),
  )
  expect(bundleWorker('wrangler.toml', main).foreign).toEqual([
    'node:crypto',
    'node:fs',
    'src/runtime/node/random.ts',
  ])
})

test('negative control: what node-postgres is made of is foreign to the Worker of the objects', () => {
  const main = join(import.meta.dirname, '../../src/runtime/cloudflare/postgres/worker.ts')
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-edge-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const both = join(folder, 'worker.ts')
  writeFileSync(
    both,
    [
      `export { TenantDirectory, VaultObject } from '${main.replace('postgres/', '')}'`,
      `export { default } from '${main}'`,
    ].join('\n'),
  )
  expect(bundleWorker('wrangler.toml', both).foreign).toEqual(
    expect.arrayContaining(['net', 'node:async_hooks', 'tls']),
  )
})

test('negative control: Node in a bundle is found in every form', () => {
  const bundle = [
    '// src/runtime/node/log.ts',
    '// node_modules/better-sqlite3/lib/index.js',
    'import { hash } from "node:crypto";',
    'import"fs";',
    'const os = require("os");',
    '// src/vault/jobs.ts',
    'import { DurableObject } from "cloudflare:workers";',
  ].join('\n')
  expect(foreignIn(bundle)).toEqual([
    'fs',
    'node:crypto',
    'node_modules/better-sqlite3/lib/index.js',
    'os',
    'src/runtime/node/log.ts',
  ])
})
