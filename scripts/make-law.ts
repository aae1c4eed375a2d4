// `npm run law:generate`: what follows from the files of src/vault/incidents/law and of notices/templates/contents, written anew: their
// indexes, the days off that rules count by, docs/law.md and docs/notices-contents.md. A test says when this has to be run.
import { readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import type { Jurisdiction } from '../src/vault/incidents/law/rule.ts'
import type { NoticeContents } from '../src/vault/incidents/notices/templates/requirement.ts'
import { calendarsFile } from './law/calendars.ts'
import { contentsPage } from './law/contents-page.ts'
import { lawPage } from './law/page.ts'

const root = new URL('../', import.meta.url)
const LAW = 'src/vault/incidents/law/'
const CONTENTS = 'src/vault/incidents/notices/templates/contents/'
/** `cn.ts`, `us-ca.ts`: the ISO code. Whatever else lies in the folder is no jurisdiction. */
const JURISDICTION_FILE = /^[a-z]{2}(-[a-z]{2})?\.ts$/

export type Generated = { path: string; text: string }

/** Every generated file as it should be now. */
export async function generateLaw(): Promise<readonly Generated[]> {
  const files = jurisdictionFiles(LAW)
  const law = await Promise.all(files.map(readJurisdiction))
  const contentsFiles = jurisdictionFiles(CONTENTS)
  const contents = await Promise.all(contentsFiles.map(readContents))
  return [
    await formatted(`${LAW}index.ts`, indexFile(files)),
    await formatted('src/vault/incidents/clocks/holidays.ts', calendarsFile(law)),
    { path: 'docs/law.md', text: lawPage(law) },
    await formatted(`${CONTENTS}index.ts`, contentsIndexFile(contentsFiles)),
    { path: 'docs/notices-contents.md', text: contentsPage(law, contents) },
  ]
}

function jurisdictionFiles(folder: string): readonly string[] {
  return readdirSync(new URL(folder, root))
    .filter((name) => JURISDICTION_FILE.test(name))
    .sort()
}

async function readContents(file: string): Promise<NoticeContents> {
  const { contents } = (await import(new URL(CONTENTS + file, root).href)) as { contents?: NoticeContents }
  if (contents === undefined) throw new Error(`${CONTENTS}${file} exports no \`contents\``)
  return contents
}

async function readJurisdiction(file: string): Promise<Jurisdiction> {
  const { law } = (await import(new URL(LAW + file, root).href)) as { law?: Jurisdiction }
  if (law === undefined) throw new Error(`${LAW}${file} exports no \`law\``)
  return law
}

function nameOf(file: string): string {
  return file.slice(0, -'.ts'.length).replace('-', '_').toUpperCase()
}

function contentsIndexFile(files: readonly string[]): string {
  const names = files.map(nameOf)
  return `// Made by \`npm run law:generate\` from the files beside it.
${files.map((file, at) => `import { contents as ${names[at]} } from './${file}'`).join('\n')}
import type { NoticeContents } from '../requirement.ts'

/** What notices have to say, by jurisdiction, in the order of the codes. */
export const NOTICE_CONTENTS: readonly NoticeContents[] = [${names.join(', ')}]
`
}

function indexFile(files: readonly string[]): string {
  const names = files.map(nameOf)
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
