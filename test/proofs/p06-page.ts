import { readFileSync, readdirSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { SourceTextModule, createContext } from 'node:vm'
import type { InBrowser } from './p06-browser.ts'

// Run by p06-browser.ts: reads work from stdin, and checks it with the files of tlog in a context that has the language and,
// of what browsers give beside it, only what is named here. An import of anything that no browser could load ends the process.

const TLOG = new URL('../../src/tlog/', import.meta.url)

/** Node's own belong to another realm: a browser's give arrays of the page's own kind. */
const GLOBALS = `
  globalThis.TextEncoder = class { encode(text) { return Uint8Array.from(outside.encode(text)) } }
  globalThis.TextDecoder = class {
    constructor(label, options) { this.decode = outside.decoder(label, options) }
  }
  globalThis.atob = (text) => outside.atob(text)
  globalThis.btoa = (text) => outside.btoa(text)
  const nodes = ['process', 'Buffer', 'require', 'module', '__dirname', 'global', 'setImmediate']
  for (const name of nodes) if (name in globalThis) throw new Error('there is ' + name)
`

const PAGE = `
  ${readdirSync(TLOG)
    .map((file) => `import './${file}'`)
    .join('\n')}
  import { fromBase64 } from '../core/bytes.ts'
  import { verifyEvidence } from './evidence.ts'
  import { leafHash } from './merkle.ts'
  import { parseVerifier } from './note.ts'
  import { verifyProof } from './proof-file.ts'
  export function check(json) {
    const { vkey, bundles, proofs } = JSON.parse(json)
    const log = parseVerifier(vkey)
    return JSON.stringify({
      faults: bundles.map((bundle) => verifyEvidence(bundle, { log }).faults.map(({ code }) => code)),
      proved: proofs.map(({ leaf, proof }) => verifyProof(proof, leafHash(fromBase64(leaf)), { log }).ok),
    })
  }
`

const context = createContext({
  outside: {
    encode: (text: string) => new TextEncoder().encode(text),
    decoder(label: string, options: object) {
      const decoder = new TextDecoder(label, options)
      return (bytes: Uint8Array) => decoder.decode(bytes)
    },
    atob: (text: string) => atob(text),
    btoa: (text: string) => btoa(text),
  },
})

const loaded = new Map<string, SourceTextModule>()

function load(url: string): SourceTextModule {
  const known = loaded.get(url)
  if (known) return known
  if (!url.startsWith('file:')) throw new Error(`no browser loads ${url}`)
  const source = readFileSync(fileURLToPath(url), 'utf8')
  const module = new SourceTextModule(url.endsWith('.ts') ? stripTypeScriptTypes(source) : source, {
    identifier: url,
    context,
  })
  loaded.set(url, module)
  return module
}

function resolve(specifier: string, from: string): string {
  return specifier.startsWith('.') ? new URL(specifier, from).href : import.meta.resolve(specifier)
}

async function opened(identifier: string, source: string): Promise<SourceTextModule> {
  const page = new SourceTextModule(source, { identifier, context })
  await page.link((specifier, { identifier: from }) => load(resolve(specifier, from)))
  await page.evaluate()
  return page
}

await opened('page:globals', GLOBALS)
const page = await opened(new URL('page.ts', TLOG).href, PAGE)
const { check } = page.namespace as { check(json: string): string }
const found = JSON.parse(check(await text(process.stdin))) as Pick<InBrowser, 'faults' | 'proved'>
process.stdout.write(JSON.stringify({ ...found, loaded: [...loaded.keys()] }))
