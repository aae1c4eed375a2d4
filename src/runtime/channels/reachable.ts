import ipaddr from 'ipaddr.js'

/** Ranges that may be reached although they are not public: an operator's own network. */
export type OwnRanges = readonly string[]

/** @returns whether every one is an address range in CIDR notation. */
export function areRanges(texts: OwnRanges): boolean {
  return texts.every((text) => ipaddr.isValidCIDR(text))
}

/** IANA gives out global unicast IPv6 from here alone (RFC 4291 §2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether a request may go to an address: to a public one, or into one of the operator's own ranges. IPv4 inside of IPv6 is looked at
 * as IPv4; what translates to some other address (NAT64, 6to4, Teredo) is not public.
 * @param address as a resolver gives it, or as `URL` spells a host: in brackets if it is IPv6.
 */
export function isReachable(address: string, own: OwnRanges): boolean {
  const text = address.replace(/^\[|\]$/g, '')
  if (!ipaddr.isValid(text)) return false
  const found = ipaddr.process(text)
  const isOwn = own.some((range) => {
    const [net, bits] = ipaddr.parseCIDR(range)
    return net.kind() === found.kind() && found.match(net, bits)
  })
  if (isOwn) return true
  if (found.range() !== 'unicast') return false
  return found.kind() === 'ipv4' || found.match(GLOBAL_UNICAST)
}

/** Whether a URL names its host by an address. `URL` has read it by then: `0x7f.1` and `2130706433` stand there as `127.0.0.1`. */
export function isAddress(hostname: string): boolean {
  return ipaddr.isValid(hostname.replace(/^\[|\]$/g, ''))
}
