import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { secret } from '../core/secret.ts'
import type { Secret } from '../core/secret.ts'
import type { Io } from './command.ts'

/** One line of standard input; on a terminal what is typed is not shown. @returns undefined if there is none. */
export async function readSecretLine(question: string, io: Io): Promise<Secret<string> | undefined> {
  const [line] = await readSecretLines([question], io)
  return line
}

/** A line for each question, as `readSecretLine`. @returns fewer where there are no more. */
export async function readSecretLines(
  questions: readonly string[],
  { stderr }: Io,
): Promise<readonly Secret<string>[]> {
  const { stdin } = process
  const terminal = stdin.isTTY
  const ask = (text: string) => terminal && stderr.write(text)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const input = createInterface({ input: stdin, output: nowhere, terminal })
  const lines: Secret<string>[] = []
  ask(questions[0] ?? '')
  try {
    for await (const line of input) {
      lines.push(secret(line))
      const next = questions[lines.length]
      if (next === undefined) break
      ask(`\n${next}`)
    }
    return lines
  } finally {
    input.close()
    ask('\n')
  }
}
