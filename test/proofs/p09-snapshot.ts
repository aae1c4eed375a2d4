import Database from 'better-sqlite3'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

type Row = Record<string, unknown>

type Rule = 'grows' | 'counts' | { person: string } | { subject: string }

/** Which rows are whose. What is the house's own may grow and never changes; what only counts is not compared. */
const RULES: Readonly<Record<string, Rule>> = {
  subjects: { person: 'no' },
  data_keys: { person: 'person' },
  fields: { person: 'slot / 16' },
  tokens: { person: 'person' },
  grants: { person: 'person' },
  grant_payments: { person: '(select person from grants g where g.no = "grant")' },
  shipments: { person: 'person' },
  shipment_stages: { person: '(select person from shipments s where s.id = shipment)' },
  notes: { subject: 'subject' },
  sessions: { subject: 'subject' },
  tenants: 'grows',
  tenant_keys: 'grows',
  rotations: 'counts',
  key_destructions: 'grows',
  incidents: 'counts',
  canaries: 'counts',
  canary_touches: 'counts',
  canary_walks: 'counts',
  holds: 'counts',
  risk_holds: 'counts',
  signals: 'counts',
  watches: 'counts',
  watch_cells: 'counts',
  notices: 'counts',
  notice_deliveries: 'counts',
  parties: 'grows',
  credentials: 'grows',
  refs: 'grows',
  events: 'grows',
  idempotency: 'grows',
  paid_items: 'grows',
  party_days: 'counts',
  logs: 'counts',
  tiles: 'counts',
  retention_walks: 'counts',
  probe: 'counts',
  __drizzle_migrations: 'grows',
}

export type Dump = { table: string; rule: 'grows' | 'belongs'; rows: ReadonlySet<string> }

/** A person's key as the database had it. */
export type KeyRow = { subject: string; keyId: string; version: number; wrapped: Buffer }

/** File format of SQLite, §1.3: 1 in both stands for the rollback journal, which a database in memory needs. */
const JOURNAL_VERSIONS_AT = [18, 19]

/**
 * The database of a service that is stopped, read into memory.
 * @throws Error if there is a write-ahead log: then the file alone is not the state.
 */
export function readSnapshot(dataFolder: string): Snapshot {
  const path = join(dataFolder, 'cloakroom.sqlite')
  if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0)
    throw new Error('the log file is not empty')
  const bytes = readFileSync(path)
  for (const at of JOURNAL_VERSIONS_AT) bytes[at] = 1
  return new Snapshot(new Database(bytes))
}

export class Snapshot {
  readonly db: Database.Database

  constructor(db: Database.Database) {
    this.db = db
  }

  keysOf(subjects: readonly string[]): KeyRow[] {
    const one = this.db.prepare<[string], KeyRow>(
      `select s.id as subject, key_id as keyId, tenant_key_version - 127 as version, wrapped
       from subjects s join data_keys on person = no where s.id = ?`,
    )
    return subjects.map((subject) => one.get(subject)!)
  }

  /** Wrapped keys of all who are not among `subjects`. */
  livingKeys(subjects: ReadonlySet<string>): KeyRow[] {
    const all = this.db.prepare<[], KeyRow>(
      `select s.id as subject, key_id as keyId, tenant_key_version - 127 as version, wrapped
       from subjects s join data_keys on person = no`,
    )
    return all.all().filter(({ subject }) => !subjects.has(subject))
  }

  /**
   * Every row that is these persons' or nobody's.
   * @throws Error for a table without a rule: a new one has to say whose its rows are.
   */
  dump(subjects: readonly string[]): Dump[] {
    this.db.exec('create temp table kept (no integer primary key, subject text)')
    const add = this.db.prepare('insert into kept select no, id from subjects where id = ?')
    for (const subject of subjects) add.run(subject)
    const tables = this.db
      .prepare<[], string>(
        "select name from main.sqlite_master where type = 'table' and name not like 'sqlite%'",
      )
      .pluck()
      .all()
    const dumps = tables.flatMap((table) => this.#dump(table))
    this.db.exec('drop table kept')
    return dumps
  }

  #dump(table: string): Dump[] {
    const rule = RULES[table]
    if (rule === undefined) throw new Error(`no rule says whose the rows of ${table} are`)
    if (rule === 'counts') return []
    const rows = this.db.prepare<[], Row>(`select * from main.${table} where ${whereKept(rule)}`).all()
    const texts = rows.map((row) => JSON.stringify(Object.values(row).map(plain)))
    return [{ table, rule: rule === 'grows' ? 'grows' : 'belongs', rows: new Set(texts) }]
  }

  close(): void {
    this.db.close()
  }
}

function whereKept(rule: Exclude<Rule, 'counts'>): string {
  if (rule === 'grows') return 'true'
  if ('person' in rule) return `${rule.person} in (select no from kept)`
  return `${rule.subject} is null or ${rule.subject} in (select subject from kept)`
}

function plain(value: unknown): unknown {
  return Buffer.isBuffer(value) ? value.toString('hex') : value
}

/** @returns a line for each table in which a row is gone, changed, or too many. */
export function differences(before: readonly Dump[], after: readonly Dump[]): string[] {
  return before.flatMap(({ table, rule, rows }) => {
    const now = after.find((dump) => dump.table === table)?.rows ?? new Set<string>()
    const lost = [...rows].filter((row) => !now.has(row)).length
    const more = rule === 'grows' ? 0 : now.size - (rows.size - lost)
    return lost + more === 0
      ? []
      : [`${table}: ${lost} rows of others gone or changed, ${more} that were not there`]
  })
}
