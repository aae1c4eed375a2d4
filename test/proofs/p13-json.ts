import { unreachable } from '../../src/core/errors.ts'

/** JSON as it is written, so that it can also be what no object can hold: doubled keys, 1e999, -0. */
export type Node =
  { raw: string } | { text: string } | { items: readonly Node[] } | { members: readonly Member[] }
export type Member = readonly [key: string, value: Node]

export type Mutation = {
  kind: 'replace' | 'drop' | 'double' | 'wrap' | 'add' | 'rename' | 'many'
  /** Which node, counted in the order in which it is written, modulo their number. */
  at: number
  key: string
  value: Node
  times: number
}

export function print(node: Node): string {
  if ('raw' in node) return node.raw
  if ('text' in node) return JSON.stringify(node.text)
  if ('items' in node) return `[${node.items.map(print).join(',')}]`
  return `{${node.members.map(([key, value]) => `${JSON.stringify(key)}:${print(value)}`).join(',')}}`
}

function sizeOf(node: Node): number {
  return childrenOf(node).reduce((sum, [, child]) => sum + sizeOf(child), 1)
}

function childrenOf(node: Node): readonly Member[] {
  if ('members' in node) return node.members
  return 'items' in node ? node.items.map((item) => ['', item]) : []
}

/** One thing done to one node. */
export function mutate(node: Node, mutation: Mutation): Node {
  const counter = { left: mutation.at % sizeOf(node) }
  const [first] = edit([['', node]], counter, mutation)
  return first?.[1] ?? { raw: '' }
}

function edit(entries: readonly Member[], counter: { left: number }, mutation: Mutation): Member[] {
  return entries.flatMap(([key, node]): Member[] => {
    if (counter.left-- === 0) return changed(key, node, mutation)
    if ('members' in node) return [[key, { members: edit(node.members, counter, mutation) }]]
    if (!('items' in node)) return [[key, node]]
    const children = edit(childrenOf(node), counter, mutation)
    return [[key, { items: children.map(([, child]) => child) }]]
  })
}

function changed(key: string, node: Node, { kind, key: other, value, times }: Mutation): Member[] {
  switch (kind) {
    case 'drop':
      return []
    case 'replace':
      return [[key, value]]
    case 'double':
      return [
        [key, node],
        [key, value],
      ]
    case 'rename':
      return [[other, node]]
    case 'wrap':
      return [[key, { items: [node] }]]
    case 'many':
      return [[key, { items: Array.from({ length: times }, () => firstOf(node)) }]]
    case 'add':
      return [[key, grown(node, other, value)]]
    default:
      return unreachable(kind)
  }
}

function firstOf(node: Node): Node {
  return 'items' in node ? (node.items[0] ?? node) : node
}

function grown(node: Node, key: string, value: Node): Node {
  if ('members' in node) return { members: [...node.members, [key, value]] }
  if ('items' in node) return { items: [...node.items, value] }
  return value
}
