/** Where a command writes. Only a terminal gets a progress bar. */
export type Output = { write(text: string): unknown }

export type Io = { stdout: Output; stderr: Output; env: NodeJS.ProcessEnv }

export type Command = {
  name: string
  /** One line for the list of commands. */
  summary: string
  /** What `--help` prints. */
  usage: string
  /** @returns the exit code: 0 only on success, 2 for a call that cannot be understood. */
  run(args: readonly string[], io: Io): Promise<number>
}

export const EXIT_OK = 0
export const EXIT_FAILED = 1
export const EXIT_USAGE = 2
