import type { Cluster } from './cluster.ts'
import type { MemberNo } from './network.ts'

/** What is done to the leader. */
export type Fault = { name: string; strike(cluster: Cluster, leader: MemberNo): void }

const POSTMASTER: Fault = {
  name: 'kill -9 of the server',
  strike: (cluster, leader) => cluster.killPostmaster(leader),
}
const MACHINE: Fault = {
  name: 'kill -9 of all on its machine',
  strike: (cluster, leader) => cluster.killMachine(leader),
}
const UNREACHABLE: Fault = {
  name: 'cut off from all',
  strike: (cluster, leader) => cluster.cut(leader, ['inside', 'clients']),
}
/** The vault still reaches it, and it still believes that it leads. */
export const CUT_INSIDE: Fault = {
  name: 'cut off from the others alone',
  strike: (cluster, leader) => cluster.cut(leader, ['inside']),
}

/** Five kills and five cuts. */
export const FAULTS: readonly Fault[] = [
  MACHINE,
  UNREACHABLE,
  POSTMASTER,
  CUT_INSIDE,
  MACHINE,
  UNREACHABLE,
  POSTMASTER,
  CUT_INSIDE,
  MACHINE,
  UNREACHABLE,
]
