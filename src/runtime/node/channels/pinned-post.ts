import { lookup as resolve } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { Agent as HttpAgent, request as overHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { MAX_REPLY_BYTES, POST_TIMEOUT_MS } from '../../channels/post.ts'
import type { Post, PostFault, Posting, Reply } from '../../channels/post.ts'
import { isAddress, isReachable } from '../../channels/reachable.ts'
import type { OwnRanges } from '../../channels/reachable.ts'

/** As `dns.lookup` with all addresses. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>

class AddressRefused extends Error {}

const byDns: Resolve = (hostname) =>
  new Promise((found, failed) => {
    resolve(hostname, { all: true }, (error, addresses) => (error ? failed(error) : found(addresses)))
  })

/**
 * POST from Node. A name is resolved once for each connection, all of its addresses have to be such that may be reached, and the
 * connection goes to one that was looked at: no second answer of the resolver comes in between.
 */
export function pinnedPost(own: OwnRanges, find: Resolve = byDns): { post: Post; close(): void } {
  const lookup: LookupFunction = (hostname, options, done) => {
    const looking = find(hostname).then((addresses) => {
      const refused = addresses.length === 0 || addresses.some(({ address }) => !isReachable(address, own))
      if (refused) throw new AddressRefused('not a public address')
      return addresses
    })
    looking.then(
      (addresses) => {
        const [first] = addresses
        if (options.all) done(null, [...addresses])
        else done(null, first?.address ?? '', first?.family ?? 4)
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, '', 4),
    )
  }
  const settings = { keepAlive: true, lookup }
  const agents = { 'http:': new HttpAgent(settings), 'https:': new HttpsAgent(settings) }
  return {
    async post(posting) {
      const { hostname, protocol } = posting.url
      // An address in the URL is connected to without any lookup.
      if (isAddress(hostname) && !isReachable(hostname, own)) return 'address_refused'
      try {
        return await exchange(posting, agents[protocol === 'https:' ? 'https:' : 'http:'])
      } catch (error) {
        return faultOf(error)
      }
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  }
}

function exchange({ url, headers, body }: Posting, agent: HttpAgent): Promise<Reply> {
  const request = url.protocol === 'https:' ? overHttps : overHttp
  return new Promise((done, failed) => {
    const signal = AbortSignal.timeout(POST_TIMEOUT_MS)
    const length = String(Buffer.byteLength(body))
    const sent = request(url, {
      method: 'POST',
      agent,
      signal,
      headers: { ...headers, 'content-length': length },
    })
    sent.on('error', failed)
    sent.on('response', (response) => {
      readReply(response).then(done, failed)
    })
    sent.end(body)
  })
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_REPLY_BYTES) {
      response.destroy()
      break
    }
    chunks.push(chunk)
  }
  const retryAfter = response.headers['retry-after'] ?? null
  return { status: response.statusCode ?? 0, retryAfter, body: Buffer.concat(chunks).toString('utf8') }
}

function faultOf(error: unknown): PostFault {
  if (error instanceof AddressRefused) return 'address_refused'
  return error instanceof Error && error.name === 'AbortError' ? 'timeout' : 'unreachable'
}
