/** One line of JSON on standard error for each thing worth an operator's eye. Callers pass codes and ids, never data. */
export type LogEntry = { level: 'info' | 'warn' | 'error'; event: string } & Readonly<Record<string, unknown>>

export function log(entry: LogEntry): void {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`)
}
