/**
 * What an operator reads: codes, route patterns and internal details of failures. Never a body, a path, a query or a header
 * that a caller chose the text of, other than the checked request id.
 */
export type HttpLogEntry = {
  level: 'info' | 'warn' | 'error'
  event: 'request_failed'
  request_id: string
  method: string
  route: string
  status: number
  code: string
  detail?: string
  error?: LoggedError
}

export type LoggedError = { name: string; message?: string; frames: readonly string[]; cause?: LoggedError }

/** Where entries go. Must not throw. */
export type Log = (entry: HttpLogEntry) => void

const MAX_CAUSES = 4

/** What may be written of a failure: V8 quotes the text in a SyntaxError's message, so that one is left out. */
export function describeError(error: unknown, causes = MAX_CAUSES): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] }
  const { name, message, stack = '', cause } = error
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '))
  return {
    name,
    ...(!(error instanceof SyntaxError) && { message }),
    frames,
    ...(cause !== undefined && causes > 0 && { cause: describeError(cause, causes - 1) }),
  }
}
