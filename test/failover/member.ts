import { spawn } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MEMBERS, addressOf, namespaceOf, networkOf } from './network.ts'
import type { MemberNo } from './network.ts'

/** Where Debian's package puts them. */
export const POSTGRES_BIN = '/usr/lib/postgresql/15/bin'

export type Passwords = { superuser: string; replication: string }

const REST_PORT = 8008
const ETCD_PORT = 2379
const ETCD_PEER_PORT = 2380

export function nameOf(member: MemberNo): string {
  return `pg${member}`
}

/** In seconds: how long a leader that is not heard of stays one, how often each looks, how long it waits for an answer. */
export const TIMES = { ttl: 20, loop_wait: 5, retry_timeout: 5 }

/** What docs/postgres-ha.md says to set. */
const CLUSTER = {
  ...TIMES,
  maximum_lag_on_failover: 1_048_576,
  synchronous_mode: true,
  synchronous_mode_strict: true,
  postgresql: {
    use_pg_rewind: true,
    use_slots: true,
    parameters: { max_connections: 100, wal_keep_size: '512MB', wal_log_hints: 'on' },
  },
}

/** One machine's etcd and Patroni, which runs PostgreSQL: all as the user postgres, all inside its namespace. */
export class Member {
  readonly no: MemberNo
  readonly #folder: string
  readonly #passwords: Passwords

  constructor(no: MemberNo, root: string, passwords: Passwords) {
    this.no = no
    this.#folder = join(root, nameOf(no))
    this.#passwords = passwords
    mkdirSync(this.#folder)
    execFileSync('chown', ['postgres:postgres', this.#folder])
    // YAML, of which JSON is a part.
    writeFileSync(this.#configFile, JSON.stringify(this.#config(), undefined, 2), { mode: 0o644 })
  }

  get #configFile(): string {
    return join(this.#folder, 'patroni.yml')
  }

  startEtcd(): void {
    const inside = addressOf(this.no, 'inside')
    const peers = MEMBERS.map((no) => `${nameOf(no)}=http://${addressOf(no, 'inside')}:${ETCD_PEER_PORT}`)
    this.#run('etcd', [
      'etcd',
      `--name=${nameOf(this.no)}`,
      `--data-dir=${join(this.#folder, 'etcd')}`,
      `--listen-peer-urls=http://${inside}:${ETCD_PEER_PORT}`,
      `--initial-advertise-peer-urls=http://${inside}:${ETCD_PEER_PORT}`,
      `--listen-client-urls=http://${inside}:${ETCD_PORT}`,
      `--advertise-client-urls=http://${inside}:${ETCD_PORT}`,
      `--initial-cluster=${peers.join(',')}`,
      '--initial-cluster-state=new',
      '--enable-v2=true',
      '--logger=zap',
    ])
  }

  startPatroni(): void {
    this.#run('patroni', ['patroni', this.#configFile])
  }

  #run(name: string, command: readonly string[]): void {
    const output = openSync(join(this.#folder, `${name}.log`), 'a')
    const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', ...command]
    const child = spawn('ip', ['netns', 'exec', namespaceOf(this.no), ...asPostgres], {
      stdio: ['ignore', output, output],
      cwd: this.#folder,
      env: { PATH: `${process.env['PATH'] ?? ''}:${POSTGRES_BIN}`, HOME: this.#folder, LC_ALL: 'C.UTF-8' },
    })
    child.unref()
  }

  /** What Patroni says of the cluster, over the clients' network; undefined if it does not say anything. */
  async said(): Promise<SaidOfCluster | undefined> {
    try {
      const url = `http://${addressOf(this.no, 'clients')}:${REST_PORT}/cluster`
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
      return (await response.json()) as SaidOfCluster
    } catch {
      return undefined
    }
  }

  /** Changes the whole cluster's settings. */
  async configure(settings: object): Promise<void> {
    const url = `http://${addressOf(this.no, 'clients')}:${REST_PORT}/config`
    const response = await fetch(url, { method: 'PATCH', body: JSON.stringify(settings) })
    if (!response.ok) throw new Error(`Patroni: ${response.status} ${await response.text()}`)
  }

  #config(): object {
    const { superuser, replication } = this.#passwords
    const inside = addressOf(this.no, 'inside')
    const trusted = ['clients', 'inside'] as const
    return {
      scope: 'cloakroom',
      name: nameOf(this.no),
      restapi: { listen: `0.0.0.0:${REST_PORT}`, connect_address: `${inside}:${REST_PORT}` },
      // The third version's client of Patroni 3.0 overwrites another's lead after a cut (docs/postgres-ha.md).
      etcd: { hosts: MEMBERS.map((no) => `${addressOf(no, 'inside')}:${ETCD_PORT}`) },
      bootstrap: { dcs: CLUSTER, initdb: [{ encoding: 'UTF8' }, { locale: 'C' }, 'data-checksums'] },
      postgresql: {
        listen: '0.0.0.0:5432',
        connect_address: `${inside}:5432`,
        data_dir: join(this.#folder, 'data'),
        bin_dir: POSTGRES_BIN,
        pgpass: join(this.#folder, 'pgpass'),
        authentication: {
          superuser: { username: 'postgres', password: superuser },
          replication: { username: 'replicator', password: replication },
        },
        pg_hba: [
          'local all all trust',
          'host all all 127.0.0.1/32 scram-sha-256',
          'host replication replicator 127.0.0.1/32 scram-sha-256',
          ...trusted.map((net) => `host all all ${networkOf(net)} scram-sha-256`),
          `host replication replicator ${networkOf('inside')} scram-sha-256`,
        ],
        parameters: {
          unix_socket_directories: this.#folder,
          password_encryption: 'scram-sha-256',
          logging_collector: 'on',
          log_directory: this.#folder,
          log_filename: 'postgres.log',
        },
      },
    }
  }
}

export type SaidOfMember = {
  name: string
  role: string
  state: string
  timeline?: number
  lag?: number | 'unknown'
}
export type SaidOfCluster = { members?: SaidOfMember[] }
