import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { OBJECTS_CONFIG, POSTGRES_CONFIG, WRANGLER, wranglerEnv } from './wrangler.ts'

export type Bundle = { gzipBytes: number; foreign: readonly string[] }

/** The Workers there are, by what deploys them. */
export const WORKERS = [OBJECTS_CONFIG, POSTGRES_CONFIG] as const
export type WorkerConfig = (typeof WORKERS)[number]

/**
 * What node-postgres is made of, and the platform has under `nodejs_compat`. The Worker of the objects has none of it.
 * https://developers.cloudflare.com/workers/runtime-apis/nodejs
 */
const COMPATIBLE: Readonly<Record<WorkerConfig, readonly string[]>> = {
  [OBJECTS_CONFIG]: [],
  [POSTGRES_CONFIG]: [
    'crypto',
    'dns',
    'events',
    'fs',
    'net',
    'node:async_hooks',
    'node:timers/promises',
    'path',
    'stream',
    'string_decoder',
    'tls',
    'util',
    'util/types',
  ],
}

/** What of a bundled source may only be there on Node: paths as esbuild names them in its comments. */
const FOREIGN_SOURCES = [
  /^src\/(cli|runtime\/node)\//,
  /^node_modules\/(better-sqlite3|argon2|libsodium[\w-]*|prom-client|age-encryption|@hono\/node-server)\//,
  /^node-modules-polyfills|^node_modules\/(unenv|@cloudflare\/unenv-preset)\//,
]

/**
 * Modules that Node alone has, and sources that are for Node alone, as they show in a bundle that is not minified.
 * @param compatible modules of Node's that the platform has for this Worker.
 */
export function foreignIn(bundle: string, compatible: readonly string[] = []): string[] {
  const imported = [
    ...bundle.matchAll(/(?:\bfrom|\bimport|\brequire\d*)\s*\(?\s*["']([^"'./][^"']*)["']/g),
  ].map(([, name]) => name ?? '')
  const builtin = imported.filter((name) => name.startsWith('node:') || isBuiltin(name))
  const modules = builtin.filter((name) => !compatible.includes(name))
  const sources = [...bundle.matchAll(/^\/\/ (\S+)$/gm)].map(([, path]) => path ?? '')
  const foreign = sources.filter((path) => FOREIGN_SOURCES.some((pattern) => pattern.test(path)))
  return [...new Set([...modules, ...foreign])].toSorted()
}

/**
 * Bundles a Worker as a deployment would, without deploying it.
 * @param main another file than the configuration names.
 * @throws Error with what wrangler says if it does not bundle.
 */
export function bundleWorker(config: WorkerConfig = OBJECTS_CONFIG, main?: string): Bundle {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-edge-'))
  try {
    const entry = main === undefined ? [] : [main]
    const args = [WRANGLER, 'deploy', ...entry, `--config=${config}`, '--dry-run', `--outdir=${folder}`]
    const done = spawnSync(process.execPath, args, { encoding: 'utf8', env: wranglerEnv() })
    if (done.status !== 0) throw new Error(`wrangler deploy --dry-run: ${done.stdout}${done.stderr}`)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const uploaded = files.filter((file) => /\.(js|mjs|wasm|sql)$/.test(file))
    const contents = uploaded.map((file) => readFileSync(join(folder, file)))
    const script = uploaded.find((file) => /^[^/]+\.m?js$/.test(file))
    if (script === undefined) throw new Error(`no bundle among ${files.join(', ')}`)
    return {
      gzipBytes: contents.reduce((sum, content) => sum + gzipSync(content).byteLength, 0),
      foreign: foreignIn(readFileSync(join(folder, script), 'utf8'), COMPATIBLE[config]),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
