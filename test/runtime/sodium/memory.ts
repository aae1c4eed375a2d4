import sodium from 'libsodium-wrappers'

/** How often these bytes stand in libsodium's memory. */
export function found(bytes: Uint8Array): number {
  const { HEAPU8 } = (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium
  const memory = Buffer.from(HEAPU8.buffer)
  let count = 0
  for (let at = memory.indexOf(bytes); at >= 0; at = memory.indexOf(bytes, at + 1)) count += 1
  return count
}
