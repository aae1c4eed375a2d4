import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The import table of docs/architecture.md: what each folder of src may import. */
type Rule = { src: readonly string[]; outside: readonly RegExp[] }

const RULES: Record<string, Rule> = {
  core: { src: [], outside: [/^@noble\/hashes\//] },
  crypto: { src: ['core'], outside: [/^@noble\//, /^jose$/] },
  tlog: { src: ['core'], outside: [/^@noble\//] },
  vault: {
    src: ['core', 'crypto', 'tlog'],
    outside: [/^libphonenumber-js\//, /^temporal-polyfill$/, /^hono\/html$/],
  },
  storage: { src: ['core', 'vault'], outside: [/^drizzle-orm(\/(sqlite|pg)-core(\/.*)?)?$/] },
  http: { src: ['core', 'vault'], outside: [/^hono(\/|$)/, /^zod$/, /^@hono\/zod-openapi$/] },
  cli: {
    src: ['core', 'tlog', 'runtime'],
    outside: [/^node:/, /^csv-(parse|stringify)(\/|$)/, /^cli-progress$/],
  },
  runtime: {
    // `..` is what lies beside src: package.json, and the migrations that a Worker carries in itself.
    src: ['core', 'crypto', 'tlog', 'vault', 'storage', 'http', '..'],
    outside: [
      /^node:/,
      /^cloudflare:workers$/,
      /^better-sqlite3$/,
      /^pg$/,
      /^drizzle-orm(\/|$)/,
      /^argon2$/,
      /^argon2id\//,
      /^libsodium-wrappers$/,
      /^age-encryption$/,
      /^prom-client$/,
      /^pdfmake$/,
      /^fontkit$/,
      /^subset-font$/,
      /^@hono\/node-server$/,
      /^nodemailer$/,
      /^standardwebhooks$/,
      /^ipaddr\.js$/,
      /^semver$/,
      /^smtp-server$/,
    ],
  },
}

const root = join(import.meta.dirname, '..')
const IMPORT =
  /(?:^|\n)\s*(?:import|export)[^'"\n;]*?(?:\{[^}]*\}[^'"]*)?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file))
}

function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '')
}

/** What a file may not import, as `file → import`. */
function violations(file: string, text: string): string[] {
  const path = relative(join(root, 'src'), file)
  const folder = path.split('/')[0] ?? ''
  const rule = RULES[folder]
  if (!rule) return [`${path}: a folder without a rule`]
  return importsOf(text)
    .filter((target) => {
      if (!target.startsWith('.')) return !rule.outside.some((pattern) => pattern.test(target))
      const into = relative(join(root, 'src'), join(file, '..', target)).split('/')[0] ?? ''
      return into !== folder && !rule.src.includes(into)
    })
    .map((target) => `${path} → ${target}`)
}

describe('the import table', () => {
  const files = sources(join(root, 'src'))

  test('every file of src imports only what its folder may', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(files.flatMap((file) => violations(file, readFileSync(file, 'utf8')))).toEqual([])
  })

  test('negative control: imports that cross the table are found, in every form', () => {
    const file = join(root, 'src/vault/reveal/judge.ts')
    const text = [
      "import { x } from '../../http/app.ts'",
      "import type {\n  Y,\n} from 'node:fs'",
      "import 'better-sqlite3'",
      "const z = await import('../../storage/sqlite/store.ts')",
      "export { q } from 'hono'",
    ].join('\n')
    expect(violations(file, text)).toHaveLength(5)
  })

  test('nothing imports runtime but the commands that work on a data folder', () => {
    const importers = files.filter((file) =>
      importsOf(readFileSync(file, 'utf8')).some((to) => to.includes('/runtime/')),
    )
    const allowed = [
      'src/cli/backup.ts',
      'src/cli/doctor.ts',
      'src/cli/drill.ts',
      'src/cli/drill/options.ts',
      'src/cli/drill/transcript.ts',
      'src/cli/fsck.ts',
      'src/cli/init.ts',
      'src/cli/keys/destroy.ts',
      'src/cli/keys/make-root-key.ts',
      'src/cli/keys/progress.ts',
      'src/cli/keys/rotate.ts',
      'src/cli/keys/status.ts',
      'src/cli/move.ts',
      'src/cli/move/report.ts',
      'src/cli/restore.ts',
      'src/cli/seal.ts',
      'src/cli/serve.ts',
      'src/cli/tenant.ts',
      'src/cli/tenant/credential.ts',
      'src/cli/unseal.ts',
      'src/cli/witness.ts',
    ]
    expect(importers.map((file) => relative(root, file)).toSorted()).toEqual(allowed)
  })

  test('the two runtimes share what lies above them, and neither imports the other', () => {
    const crossing = files.flatMap((file) => {
      const [, own] = /src\/runtime\/(node|cloudflare)\//.exec(file) ?? []
      const other = own === 'node' ? '/cloudflare/' : '/node/'
      return own === undefined ? [] : importsOf(readFileSync(file, 'utf8')).filter((to) => to.includes(other))
    })
    expect(crossing).toEqual([])
  })

  test('time and chance are taken under runtime/ and cli/ alone', () => {
    const taken = files.filter((file) => {
      const inside = /src\/(runtime|cli)\//.test(file)
      return !inside && /Date\.now\(\)|new Date\(\)|Math\.random\(\)/.test(readFileSync(file, 'utf8'))
    })
    expect(taken).toEqual([])
  })
})
