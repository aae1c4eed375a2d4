import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Every environment variable that the service reads, by its code. */
export function settings(): Set<string> {
  const files = readdirSync(join(ROOT, 'src/runtime/node'), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.ts')).map((file) => read(`src/runtime/node/${file}`))
  const names = sources.flatMap((text) => [...text.matchAll(/\benv\['([A-Z_]+)'\]/g)].map(([, name]) => name))
  return new Set(names.filter((name) => name !== undefined))
}

type Instruction = { name: string; args: string }

/** The instructions of a Dockerfile, lines that go on joined. */
export function instructions(dockerfile: string): Instruction[] {
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', args: line.slice(line.indexOf(' ') + 1).trim() }))
}

/** What is set by `ENV` in a Dockerfile. */
export function environmentOf(dockerfile: string): Record<string, string> {
  const set = instructions(dockerfile).filter(({ name }) => name === 'ENV')
  return Object.fromEntries(
    set.flatMap(({ args }) => args.split(/\s+/)).map((pair) => pair.split('=', 2) as [string, string]),
  )
}

/** What is copied from the repository into any stage. */
export function copied(dockerfile: string): string[] {
  const copies = instructions(dockerfile).filter(
    ({ name, args }) => name === 'COPY' && !args.startsWith('--from'),
  )
  return copies.flatMap(({ args }) => args.split(/\s+/).slice(0, -1))
}

/** Of names that are set, those that the service does not read. Node's own is no setting of ours. */
export function unknownSettings(names: readonly string[], known = settings()): string[] {
  return names.filter((name) => name !== 'NODE_ENV' && !known.has(name))
}

/** Variables that a systemd unit sets. */
export function unitEnvironment(unit: string): Record<string, string> {
  const lines = [...unit.matchAll(/^Environment=([A-Z_]+)=(.*)$/gm)]
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]))
}
