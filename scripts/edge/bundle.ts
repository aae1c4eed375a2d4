import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { WRANGLER, wranglerEnv } from './wrangler.ts'

export type Bundle = { gzipBytes: number; foreign: readonly string[] }

/** What of a bundled source may only be there on Node: paths as esbuild names them in its comments. */
const FOREIGN_SOURCES = [
  /^src\/(cli|runtime\/node)\//,
  /^node_modules\/(better-sqlite3|argon2|libsodium[\w-]*|prom-client|age-encryption|@hono\/node-server)\//,
  /^node-modules-polyfills|^node_modules\/(unenv|@cloudflare\/unenv-preset)\//,
]

/** Modules that Node alone has, and sources that are for Node alone, as they show in a bundle that is not minified. */
export function foreignIn(bundle: string): string[] {
  const imported = [
    ...bundle.matchAll(/(?:\bfrom|\bimport|\brequire\d*)\s*\(?\s*["']([^"'./][^"']*)["']/g),
  ].map(([, name]) => name ?? '')
  const modules = imported.filter((name) => name.startsWith('node:') || isBuiltin(name))
  const sources = [...bundle.matchAll(/^\/\/ (\S+)$/gm)].map(([, path]) => path ?? '')
  const foreign = sources.filter((path) => FOREIGN_SOURCES.some((pattern) => pattern.test(path)))
  return [...new Set([...modules, ...foreign])].toSorted()
}

/**
 * Bundles the Worker as a deployment would, without deploying it.
 * @param main another file than wrangler.toml names.
 * @throws Error with what wrangler says if it does not bundle.
 */
export function bundleWorker(main?: string): Bundle {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-edge-'))
  try {
    const entry = main === undefined ? [] : [main]
    const args = [WRANGLER, 'deploy', ...entry, '--config=wrangler.toml', '--dry-run', `--outdir=${folder}`]
    const done = spawnSync(process.execPath, args, { encoding: 'utf8', env: wranglerEnv() })
    if (done.status !== 0) throw new Error(`wrangler deploy --dry-run: ${done.stdout}${done.stderr}`)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const uploaded = files.filter((file) => /\.(js|mjs|wasm|sql)$/.test(file))
    const contents = uploaded.map((file) => readFileSync(join(folder, file)))
    const script = uploaded.find((file) => /^[^/]+\.m?js$/.test(file))
    if (script === undefined) throw new Error(`no bundle among ${files.join(', ')}`)
    return {
      gzipBytes: contents.reduce((sum, content) => sum + gzipSync(content).byteLength, 0),
      foreign: foreignIn(readFileSync(join(folder, script), 'utf8')),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
