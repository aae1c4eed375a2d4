import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { secret } from '../core/secret.ts'
import type { Secret } from '../core/secret.ts'
import type { Io } from './command.ts'

/** One line of standard input; on a terminal what is typed is not shown. @returns undefined if there is none. */
export async function readSecretLine(question: string, { stderr }: Io): Promise<Secret<string> | undefined> {
  const { stdin } = process
  const terminal = stdin.isTTY
  if (terminal) stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal })
  try {
    for await (const line of lines) return secret(line)
    return undefined
  } finally {
    lines.close()
    if (terminal) stderr.write('\n')
  }
}
