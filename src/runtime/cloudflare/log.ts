/** One line of JSON for each thing worth an operator's eye. Callers pass codes and ids, never data. */
export type LogEntry = { level: 'info' | 'warn' | 'error'; event: string } & Readonly<Record<string, unknown>>

/** Workers Logs takes what is written to the console, and reads JSON by its members. */
export function log(entry: LogEntry): void {
  const line = JSON.stringify({ at: new Date().toISOString(), ...entry })
  if (entry.level === 'error') console.error(line)
  else console.log(line)
}
