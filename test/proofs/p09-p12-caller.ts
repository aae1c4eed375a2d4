/** Somebody with a credential, over HTTP or straight into an app. */

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads any shape
export type Body = any

export type Answer = {
  method: string
  path: string
  status: number
  headers: Headers
  text: string
  body: Body
}

export type Send = (path: string, init: RequestInit) => Promise<Response>

/** `saw` is given each answer, whatever it was. */
export type Line = { send: Send; saw: (answer: Answer) => void }

type Options = { method?: string; headers?: Record<string, string> }

export class Caller {
  readonly line: Line
  readonly bearer: string | undefined

  constructor(line: Line, bearer: string | undefined) {
    this.line = line
    this.bearer = bearer
  }

  /** @param body sent as it is if it is text, else as JSON; none at all if undefined. */
  async call(path: string, body?: unknown, { method, headers = {} }: Options = {}): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const verb = method ?? (text === undefined ? 'GET' : 'POST')
    const response = await this.line.send(path, {
      method: verb,
      headers: {
        ...(this.bearer !== undefined && { authorization: `Bearer ${this.bearer}` }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    })
    const said = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '')
    const answer: Answer = {
      method: verb,
      path,
      status: response.status,
      headers: response.headers,
      text: said,
      body: json ? JSON.parse(said) : undefined,
    }
    this.line.saw(answer)
    return answer
  }

  /** For what has to work. Something that moved in between is asked again, as the contract says. */
  async must(path: string, body?: unknown, options: Options = {}): Promise<Body> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.call(path, body, options)
      if (answer.status < 300) return answer.body
      if (answer.status === 409 && answer.body.retryable === true && attempt < 20) continue
      throw new Error(`${answer.method} ${path}: ${answer.status} ${answer.text}`)
    }
  }
}
