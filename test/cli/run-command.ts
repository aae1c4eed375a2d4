import type { Command } from '../../src/cli/command.ts'
import { isVaultError } from '../../src/core/errors.ts'

/** `exit` is the exit code, or the code of the VaultError that it ended with, whose message then is `stderr`. */
export type Outcome = { exit: number | string; stdout: string; stderr: string }

/** Runs a command in this process, as `main.ts` does: a VaultError is an outcome. */
export async function runCommand(
  command: Command,
  env: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' }
  const io = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
    env,
  }
  try {
    return { exit: await command.run(args, io), ...written }
  } catch (error) {
    if (!isVaultError(error)) throw error
    return { exit: error.code, ...written, stderr: error.message }
  }
}
