import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { Member, POSTGRES_BIN, nameOf } from './member.ts'
import type { SaidOfMember } from './member.ts'
import { MEMBERS, addressOf, killAllIn, makeNetwork, pidsIn, removeNetwork, setCard } from './network.ts'
import type { MemberNo, Net } from './network.ts'

/** In memory where there is such a folder: nothing here is about disks. */
const MEMORY = '/dev/shm'

const PATIENCE_MS = 120_000
const ROLES_OF_LEADERS = ['leader', 'master', 'primary']
const UP = ['running', 'streaming']

/** Three members as docs/postgres-ha.md describes them, on this machine. */
export class Cluster {
  readonly root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'cloakroom-patroni-'))
  readonly #passwords = { superuser: password(), replication: password() }
  readonly #vault = password()
  readonly #members: ReadonlyMap<MemberNo, Member>
  readonly #cut = new Set<`${MemberNo} ${Net}`>()

  private constructor() {
    execFileSync('chmod', ['755', this.root])
    this.#members = new Map(MEMBERS.map((no) => [no, new Member(no, this.root, this.#passwords)]))
  }

  static async start(): Promise<Cluster> {
    makeNetwork()
    const cluster = new Cluster()
    process.once('exit', () => cluster.discard())
    for (const member of cluster.#members.values()) member.startEtcd()
    for (const member of cluster.#members.values()) member.startPatroni()
    await cluster.settled()
    await cluster.#makeDatabase()
    return cluster
  }

  /** As the vault is given it: every member, and none by its rank. */
  get url(): string {
    const hosts = MEMBERS.map((no) => `${addressOf(no, 'clients')}:5432`)
    return `postgres://cloakroom:${this.#vault}@${hosts.join(',')}/cloakroom?target_session_attrs=read-write`
  }

  /** The one that all who answer agree on. */
  async leader(): Promise<MemberNo | undefined> {
    const said = await this.#said()
    const leader = said?.find(({ role }) => ROLES_OF_LEADERS.includes(role))
    return MEMBERS.find((no) => nameOf(no) === leader?.name)
  }

  /** Resolves with the leader once all three are up, two follow it, and one of them synchronously if it is to. */
  async settled(expected: { synchronous: boolean } = { synchronous: true }): Promise<MemberNo> {
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      const said = await this.#said()
      const leader = await this.leader()
      if (said && leader && isSettled(said, expected.synchronous)) return leader
      if (performance.now() > until) throw new Error(`the cluster does not settle: ${this.#lastWords(said)}`)
      await pause(500)
    }
  }

  async setSynchronous(synchronous: boolean): Promise<void> {
    const leader = await this.settled({ synchronous: !synchronous })
    await this.#members
      .get(leader)
      ?.configure({ synchronous_mode: synchronous, synchronous_mode_strict: synchronous })
    await this.settled({ synchronous })
    const wanted = synchronous ? /./ : /^$/
    const until = performance.now() + PATIENCE_MS
    while (!wanted.test(await this.#standbyNames(leader))) {
      if (performance.now() > until) throw new Error('the leader does not take its setting')
      await pause(500)
    }
  }

  async #standbyNames(leader: MemberNo): Promise<string> {
    const { rows } = await this.ask<{ names: string }>(
      `select current_setting('synchronous_standby_names') as names`,
      leader,
    )
    return rows[0]?.names ?? ''
  }

  cut(member: MemberNo, nets: readonly Net[]): void {
    for (const net of nets) {
      setCard(member, net, 'down')
      this.#cut.add(`${member} ${net}`)
    }
  }

  /** `kill -9` of the server's first process alone: Patroni sees it and starts it again. */
  killPostmaster(member: MemberNo): void {
    const file = join(this.root, nameOf(member), 'data/postmaster.pid')
    process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL')
  }

  /** `kill -9` of everything that runs on the member. */
  killMachine(member: MemberNo): void {
    killAllIn(member)
  }

  /** Whatever was done to the member is mended. */
  mend(no: MemberNo): void {
    for (const net of ['inside', 'clients'] as const) {
      if (this.#cut.delete(`${no} ${net}`)) setCard(no, net, 'up')
    }
    if (pidsIn(no).length > 0) return
    this.#members.get(no)?.startEtcd()
    this.#members.get(no)?.startPatroni()
  }

  /** As superuser. */
  async ask<Row extends pg.QueryResultRow>(query: string, member: MemberNo, database = 'postgres') {
    const client = new pg.Client({
      host: addressOf(member, 'clients'),
      user: 'postgres',
      password: this.#passwords.superuser,
      database,
      connectionTimeoutMillis: 2_000,
      query_timeout: 10_000,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.query<Row>(query)
    } finally {
      void client.end().catch(() => undefined)
    }
  }

  discard(): void {
    removeNetwork()
    rmSync(this.root, { recursive: true, force: true })
  }

  async #makeDatabase(): Promise<void> {
    const leader = await this.settled()
    await this.ask(`create role cloakroom login password '${this.#vault}'`, leader)
    await this.ask('create database cloakroom owner cloakroom', leader)
  }

  /** What the members say of each other, those that can be heard. Of two that differ the one with the later timeline is right. */
  async #said(): Promise<SaidOfMember[] | undefined> {
    const all = await Promise.all([...this.#members.values()].map((member) => member.said()))
    const heard = all.flatMap((said) => (said?.members ? [said.members] : []))
    return heard.toSorted((one, other) => timelineOf(other) - timelineOf(one))[0]
  }

  #lastWords(said: SaidOfMember[] | undefined): string {
    const logs = MEMBERS.flatMap((no) =>
      ['patroni.log', 'postgres.log'].map((log) => join(this.root, nameOf(no), log)),
    )
    const words = logs.map((log) => `${log}:\n${readFileSync(log, 'utf8').slice(-1_000)}`)
    return [JSON.stringify(said), ...words].join('\n')
  }
}

function timelineOf(members: readonly SaidOfMember[]): number {
  return members.find(({ role }) => ROLES_OF_LEADERS.includes(role))?.timeline ?? 0
}

function isSettled(members: readonly SaidOfMember[], synchronous: boolean): boolean {
  const leading = members.filter(({ role }) => ROLES_OF_LEADERS.includes(role))
  const standbys = members.filter(({ role }) => role === 'sync_standby')
  const all = members.length === MEMBERS.length && members.every(({ state }) => UP.includes(state))
  const [timeline] = leading.map((one) => one.timeline)
  const same = members.every((one) => one.timeline === timeline)
  return all && same && leading.length === 1 && standbys.length > 0 === synchronous
}

function password(): string {
  return randomBytes(12).toString('hex')
}

/** What this needs and this machine lacks, as sentences. */
export function missingHere(): string[] {
  const found = (program: string) =>
    (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)))
  return [
    ...(process.getuid?.() === 0 ? [] : ['root, to make network namespaces']),
    ...(found('ip') ? [] : ['ip (iproute2)']),
    ...(found('setpriv') ? [] : ['setpriv (util-linux)']),
    ...(found('patroni') ? [] : ['patroni']),
    ...(found('etcd') ? [] : ['etcd (etcd-server)']),
    ...(existsSync(join(POSTGRES_BIN, 'postgres')) ? [] : ['postgresql-15']),
  ]
}
