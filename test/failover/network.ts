import { execFileSync } from 'node:child_process'

// Three machines as network namespaces, each with two cards: one among themselves, on which they replicate and agree, and one
// to their clients. A card is cut on the outside, so that whoever is inside knows nothing of it.

/** `inside`: what the members say to each other. `clients`: what the vault and they say. */
export type Net = 'inside' | 'clients'

const NETS: Record<Net, { bridge: string; prefix: string }> = {
  inside: { bridge: 'ckbr-in', prefix: '10.203.1' },
  clients: { bridge: 'ckbr-cl', prefix: '10.203.2' },
}

export const MEMBERS = [1, 2, 3] as const
export type MemberNo = (typeof MEMBERS)[number]

export function addressOf(member: MemberNo, net: Net): string {
  return `${NETS[net].prefix}.${10 + member}`
}

export function networkOf(net: Net): string {
  return `${NETS[net].prefix}.0/24`
}

export function namespaceOf(member: MemberNo): string {
  return `ck-pg${member}`
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function cardOf(member: MemberNo, net: Net): string {
  return `ck-${net}${member}`
}

export function makeNetwork(): void {
  removeNetwork()
  for (const { bridge, prefix } of Object.values(NETS)) {
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('addr', 'add', `${prefix}.1/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
  }
  for (const member of MEMBERS) {
    const space = namespaceOf(member)
    ip('netns', 'add', space)
    ip('-n', space, 'link', 'set', 'lo', 'up')
    for (const net of ['inside', 'clients'] as const) plug(member, net)
  }
}

function plug(member: MemberNo, net: Net): void {
  const [outer, space] = [cardOf(member, net), namespaceOf(member)]
  ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', net, 'netns', space)
  ip('link', 'set', outer, 'master', NETS[net].bridge, 'up')
  ip('-n', space, 'addr', 'add', `${addressOf(member, net)}/24`, 'dev', net)
  ip('-n', space, 'link', 'set', net, 'up')
}

/** Whatever an earlier run may have left is removed too. */
export function removeNetwork(): void {
  for (const member of MEMBERS) {
    killAllIn(member)
    for (const net of ['inside', 'clients'] as const) quietly('link', 'del', cardOf(member, net))
    quietly('netns', 'del', namespaceOf(member))
  }
  for (const { bridge } of Object.values(NETS)) quietly('link', 'del', bridge)
}

function quietly(...args: string[]): string {
  try {
    return ip(...args)
  } catch {
    return ''
  }
}

export function setCard(member: MemberNo, net: Net, state: 'up' | 'down'): void {
  ip('link', 'set', cardOf(member, net), state)
}

export function pidsIn(member: MemberNo): number[] {
  return quietly('netns', 'pids', namespaceOf(member)).split('\n').filter(Boolean).map(Number)
}

/** As if its power were cut, but that what was written to its disk without a flush is there. */
export function killAllIn(member: MemberNo): void {
  for (const pid of pidsIn(member)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended with its parent.
    }
  }
}
