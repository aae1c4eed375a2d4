import { writeSync } from 'node:fs'

/** One line of JSON on standard error for each thing worth an operator's eye. Callers pass codes and ids, never data. */
export type LogEntry = { level: 'info' | 'warn' | 'error'; event: string } & Readonly<Record<string, unknown>>

export function log(entry: LogEntry): void {
  try {
    writeSync(process.stderr.fd, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`)
  } catch {
    // A full disk may hold this log too, or its reader be gone: no reason to stop serving, and the next line is tried anew.
    // A stream would end the process at its first error, or be silent ever after.
  }
}
