import type { Answer, Body } from './p09-p12-caller.ts'

/** Every answer as its caller got it, without what it was asked for: the values that this very route is there to show. */

type Show = (body: Body) => void

const EACH_FIELD = ['name', 'phone', 'email', 'address']

function takeOut(object: Body, members: readonly string[]): void {
  for (const member of members) delete object?.[member]
}

/** What may hold plaintext, and where: all other members of all other answers must not. */
const SHOWS: readonly { route: RegExp; takeOutShown: Show }[] = [
  {
    route: /^POST \/v1\/reveal$/,
    takeOutShown: ({ items }) =>
      items.forEach(({ fields = {} }: Body) =>
        Object.values(fields).forEach((field) => takeOut(field, ['value'])),
      ),
  },
  {
    route: /^POST \/v1\/mask$/,
    takeOutShown: ({ items }) => items.forEach((item: Body) => takeOut(item, ['masked'])),
  },
  { route: /^POST \/v1\/shipments$/, takeOutShown: (body) => takeOut(body, ['label']) },
  {
    // Reasons about oneself are one's own data, and may name one.
    route: /^GET \/v1\/me(\/export)?$/,
    takeOutShown: (body) => {
      takeOut(body, EACH_FIELD)
      for (const note of body.notes ?? []) takeOut(note, ['text'])
    },
  },
  { route: /^(POST|GET) \/v1\/parties(\/[^/]+(\/status)?)?$/, takeOutShown: takeOutContacts },
]

function takeOutContacts(body: Body): void {
  takeOut(body, ['contact'])
  for (const party of body.items ?? []) takeOut(party, ['contact'])
}

export class Answers {
  readonly failures: string[] = []
  readonly byStatus = new Map<number, number>()
  readonly #texts: { where: string; bytes: Buffer }[] = []

  get count(): number {
    return this.#texts.length
  }

  /** All that was answered so far, each with its headers. */
  get texts(): readonly { where: string; bytes: Buffer }[] {
    return this.#texts
  }

  readonly saw = (answer: Answer): void => {
    const { method, path, status, headers } = answer
    const [route = ''] = path.split('?')
    const show = status < 300 ? SHOWS.find((one) => one.route.test(`${method} ${route}`)) : undefined
    if (show && headers.get('cache-control') !== 'no-store')
      this.failures.push(`${method} ${route} may be cached`)
    // 503 says that nothing was done; it is asked for, by a disk that is full.
    if (status >= 500 && status !== 503)
      this.failures.push(`${method} ${route.slice(0, 40)} was answered ${status}`)
    const where = `${method} ${route.slice(0, 40)}, answered ${status}`
    this.keep(
      where,
      status,
      JSON.stringify([...headers]),
      show ? textWithout(answer, show.takeOutShown) : answer.text,
    )
  }

  keep(where: string, status: number, ...texts: readonly string[]): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1)
    this.#texts.push({ where, bytes: Buffer.from(texts.join('\n')) })
  }
}

function textWithout({ text }: Answer, takeOutShown: Show): string {
  const body: Body = JSON.parse(text)
  takeOutShown(body)
  return JSON.stringify(body)
}
