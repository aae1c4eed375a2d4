import { z } from '@hono/zod-openapi'

const words = new Set<string>()

/** An object that takes these fields and no others. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  for (const word of Object.keys(shape)) words.add(word)
  return z.strictObject(shape)
}

/** Whether a key is a field's name in the contract, and so may stand in a pointer. */
export function isContractWord(key: string): boolean {
  return words.has(key)
}
