import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { ERROR_CODES, VaultError, isVaultError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'

/**
 * How commands on the same machine reach the running service: a socket in the data folder, which only its owner can enter. Who can
 * reach it can read the folder too, so it asks for no credential; it gives out no plaintext and no key.
 *
 * A call is one JSON object `{command, args}`; the answer is lines of JSON: any number of `{progress}`, then one `{done}` or
 * `{error: {code, message}}`.
 */
export const CONTROL_SOCKET = 'control.sock'

/** Secrets among the arguments (a share, a passphrase) stay in memory only. */
export type ControlArgs = Readonly<Record<string, unknown>>

/** Anything that JSON holds; what a command says while it is at work. */
export type Progress = Readonly<Record<string, string | number>>

/** @returns what JSON holds. @throws VaultError, whose code and sentence reach the caller. */
export type ControlCommand = (args: ControlArgs, report: (progress: Progress) => void) => Promise<unknown>

const MAX_CALL_BYTES = 64 * 1024

/**
 * Serves the commands until closed. A socket that a killed process left behind is taken over: the folder is held by this one.
 * @throws Error from the system: a folder whose path is longer than some 90 bytes cannot hold a socket.
 */
export async function listenControl(
  dataFolder: string,
  commands: Readonly<Record<string, ControlCommand>>,
): Promise<{ close(): Promise<void> }> {
  const path = join(dataFolder, CONTROL_SOCKET)
  rmSync(path, { force: true })
  const server = createServer((request, response) => void answer(commands, request, response))
  server.listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o600)
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  commands: Readonly<Record<string, ControlCommand>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (line: unknown) => void response.write(`${JSON.stringify(line)}\n`)
  try {
    const { command, args } = await readCall(request)
    const run = Object.hasOwn(commands, command) ? commands[command] : undefined
    if (!run) throw new VaultError('not_found', `The service knows no command "${command}".`)
    say({ done: (await run(args, (progress) => say({ progress }))) ?? null })
  } catch (error) {
    const known = isVaultError(error)
    say({ error: { code: known ? error.code : 'internal', message: messageOf(error) } })
  }
  response.end()
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function readCall(request: IncomingMessage): Promise<{ command: string; args: ControlArgs }> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > MAX_CALL_BYTES) throw new VaultError('body_too_large', 'The call is too long.')
  }
  const call = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { command?: unknown; args?: ControlArgs }
  return { command: String(call.command), args: call.args ?? {} }
}

/**
 * Calls the service that holds the data folder.
 * @returns what the command gave. @throws VaultError `service_not_running` if nobody answers there; else the command's own.
 */
export async function callControl(
  dataFolder: string,
  command: string,
  args: ControlArgs,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<unknown> {
  const response = await post(join(dataFolder, CONTROL_SOCKET), JSON.stringify({ command, args }))
  for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
    const said = JSON.parse(line) as Said
    if (said.progress) onProgress(said.progress)
    else if (said.error) throw new VaultError(codeOf(said.error.code), said.error.message)
    else return said.done
  }
  throw new VaultError('unavailable', 'The service broke off before it had answered.')
}

type Said = { progress?: Progress; done?: unknown; error?: { code: string; message: string } }

function codeOf(text: string): ErrorCode {
  return ERROR_CODES.find((code) => code === text) ?? 'internal'
}

function post(socketPath: string, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = httpRequest({ socketPath, method: 'POST', path: '/' }, resolve)
    call.on('error', (cause) => {
      reject(new VaultError('service_not_running', 'No service is running on this data folder.', { cause }))
    })
    call.end(body)
  })
}

/** Whether a service answers on the folder's socket. */
export async function isRunning(dataFolder: string): Promise<boolean> {
  try {
    await callControl(dataFolder, 'ping', {})
    return true
  } catch (error) {
    if (isVaultError(error, 'service_not_running')) return false
    throw error
  }
}
