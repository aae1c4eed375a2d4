// `npm run law:generate`: what follows from the files of src/vault/incidents/law, written anew: their index, the days off that
// their rules count by, and docs/law.md. A test says when this has to be run.
import { readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import type { Jurisdiction } from '../src/vault/incidents/law/rule.ts'
import { calendarsFile } from './law/calendars.ts'
import { lawPage } from './law/page.ts'

const root = new URL('../', import.meta.url)
const LAW = 'src/vault/incidents/law/'
/** `cn.ts`, `us-ca.ts`: the ISO code. Whatever else lies in the folder is no jurisdiction. */
const JURISDICTION_FILE = /^[a-z]{2}(-[a-z]{2})?\.ts$/

export type Generated = { path: string; text: string }

/** Every generated file as it should be now. */
export async function generateLaw(): Promise<readonly Generated[]> {
  const files = readdirSync(new URL(LAW, root))
    .filter((name) => JURISDICTION_FILE.test(name))
    .sort()
  const law = await Promise.all(files.map(readJurisdiction))
  return [
    await formatted(`${LAW}index.ts`, indexFile(files)),
    await formatted('src/vault/incidents/clocks/holidays.ts', calendarsFile(law)),
    { path: 'docs/law.md', text: lawPage(law) },
  ]
}

async function readJurisdiction(file: string): Promise<Jurisdiction> {
  const { law } = (await import(new URL(LAW + file, root).href)) as { law?: Jurisdiction }
  if (law === undefined) throw new Error(`${LAW}${file} exports no \`law\``)
  return law
}

function indexFile(files: readonly string[]): string {
  const names = files.map((file) => file.slice(0, -'.ts'.length).replace('-', '_').toUpperCase())
  return `// Made by \`npm run law:generate\` from the files beside it.
${files.map((file, at) => `import { law as ${names[at]} } from './${file}'`).join('\n')}
import type { Jurisdiction } from './rule.ts'

/** The whole of the law, in the order of the codes. */
export const JURISDICTIONS: readonly Jurisdiction[] = [${names.join(', ')}]
`
}

async function formatted(path: string, text: string): Promise<Generated> {
  const config = await resolveConfig(fileURLToPath(new URL(path, root)))
  return { path, text: await format(text, { ...config, parser: 'typescript' }) }
}

if (import.meta.main) {
  for (const { path, text } of await generateLaw()) {
    writeFileSync(new URL(path, root), text)
    console.log(path)
  }
}
