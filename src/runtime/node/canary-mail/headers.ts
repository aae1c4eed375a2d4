import { instant } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'

/** Of a header as much as is kept. */
const MAX_VALUE = 1_000

export type Headers = { from: string | undefined; subject: string | undefined; sentAt: Instant | undefined }

/** The three headers that are kept, unfolded and cut short, as they were written. RFC 5322 §2.2. */
export function readHeaders(head: Buffer): Headers {
  const text = head.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length
  const unfolded = Buffer.from(text.slice(0, end), 'latin1')
    .toString('utf8')
    .replaceAll(/\r?\n[ \t]+/g, ' ')
  const value = (name: string) => {
    const found = new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(unfolded)?.[1]
    const plain = found
      ?.replaceAll(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, MAX_VALUE)
    return plain === '' ? undefined : plain
  }
  const sent = Date.parse(value('Date') ?? '')
  return {
    from: value('From'),
    subject: value('Subject'),
    sentAt: Number.isNaN(sent) || sent < 0 || sent > 8e15 ? undefined : instant(sent),
  }
}
