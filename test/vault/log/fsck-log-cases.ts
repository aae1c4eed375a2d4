import { leafHash } from '../../../src/tlog/merkle.ts'
import type Database from 'better-sqlite3'
import { FIRST, SHOWN, run } from './tampering.ts'
import type { Case } from './tampering.ts'

/** What may be done to the log of tenant 1 or 2, and what has to be found. */
export const IN_THE_LOG: Case[] = [
  [
    'a deleted event',
    run(`delete from events where place = ${SHOWN}`),
    ['log_gap', 'log_rolled_back', 'log_truncated'],
  ],
  [
    'a first event that is gone',
    run(`delete from events where place = ${FIRST}`),
    ['log_gap', 'log_rolled_back', 'log_truncated', 'tenant_without_event'],
  ],
  [
    'the newest event cut off',
    run(`delete from events where place = (select max(place) from events where place < ${2 * FIRST})`),
    ['grant_without_event', 'log_truncated', 'subject_without_event'],
  ],
  [
    'a changed leaf',
    run(
      `update events set bytes = cast(replace(cast(bytes as text), 'allowed', 'refused') as blob) where place = ${SHOWN}`,
    ),
    ['leaf_differs', 'log_forked', 'root_differs', 'tile_differs'],
  ],
  [
    'a leaf that is none',
    run(`update events set bytes = x'ff' where place = ${SHOWN}`),
    ['leaf_differs', 'leaf_unreadable', 'log_forked', 'root_differs', 'tile_differs'],
  ],
  ['a changed leaf with its hash', rehashed, ['log_forked', 'root_differs', 'tile_differs']],
  [
    'a changed hash',
    run(`update events set leaf_hash = zeroblob(32) where place = ${SHOWN}`),
    ['leaf_differs'],
  ],
  [
    'another id',
    run(`update events set id = 'evt_00000000000000000000000000' where place = ${FIRST + 2}`),
    ['column_differs'],
  ],
  ['another time', run(`update events set at = at + 1 where place = ${FIRST + 2}`), ['column_differs']],
  [
    'another type',
    run(`update events set type = 'mask.shown' where place = ${FIRST + 2}`),
    ['column_differs'],
  ],
  [
    'another party',
    run(
      `update events set party = null where place = (select max(place) from events where party is not null)`,
    ),
    ['column_differs'],
  ],
  [
    'a person taken out of the own history',
    run(`update events set person = null where place = ${SHOWN}`),
    ['subject_not_committed'],
  ],
  [
    "an event put into another person's history",
    run(`update events set person = 1 + (person % 2) where place = ${SHOWN}`),
    ['subject_not_committed'],
  ],
  [
    'a person who is not there',
    run(`update events set person = 99999 where place = ${SHOWN}`),
    ['subject_unknown'],
  ],
  [
    'a salt that is gone',
    run(`update events set subject_salt = null where place = ${SHOWN}`),
    ['subject_not_committed'],
  ],
  ['two events that changed places', swapped, ['log_forked', 'root_differs', 'tile_differs']],
  [
    "another tenant's event at the end",
    run(
      `update events set place = (select max(place) + 1 from events where place < ${2 * FIRST}) where place = ${2 * FIRST}`,
    ),
    ['leaf_of_another_tenant', 'log_gap', 'log_truncated', 'tenant_gone', 'tenant_without_event'],
  ],
  [
    'events of no tenant',
    run(
      `update events set place = place + ${7 * FIRST} where place = (select max(place) from events where type = 'mask.shown')`,
    ),
    ['log_gap', 'log_truncated', 'rows_of_no_tenant'],
  ],
  [
    'a tile that is gone',
    run(`delete from tiles where place = (select min(place) from tiles)`),
    ['tile_missing'],
  ],
  [
    'a flipped bit in a tile',
    run(
      `update tiles set bytes = zeroblob(32) || substr(bytes, 33) where place = (select min(place) from tiles)`,
    ),
    ['tile_differs'],
  ],
  [
    'a tile that is too short',
    run(`update tiles set bytes = substr(bytes, 1, 32) where place = (select min(place) from tiles)`),
    ['tile_differs'],
  ],
  ['a tile too many', run(`insert into tiles select place + 40, bytes from tiles limit 1`), ['tile_extra']],
  [
    'a changed checkpoint',
    run(`update logs set checkpoint = replace(checkpoint, 'vault', 'fault') where tenant = 1`),
    ['checkpoint_of_another_log'],
  ],
  [
    'a checkpoint that is none',
    run(`update logs set checkpoint = 'x' where tenant = 1`),
    ['checkpoint_unreadable'],
  ],
  [
    'a root beside the checkpoint',
    run(`update logs set root = zeroblob(32) where tenant = 1`),
    ['checkpoint_differs'],
  ],
  [
    'a size beside the checkpoint',
    run(`update logs set size = size - 1 where tenant = 1`),
    ['checkpoint_differs', 'tile_differs'],
  ],
  [
    'another log under the same origin',
    run(`update logs set origin = 'vault.test/log/acme2' where tenant = 1`),
    ['checkpoint_of_another_log', 'log_missing'],
  ],
  [
    'a cosigned note of another size',
    run(`update logs set cosigned_size = 3, cosigned_note = checkpoint where tenant = 1`),
    ['checkpoint_differs'],
  ],
  [
    'a cosigned note that is none',
    run(`update logs set cosigned_size = 3, cosigned_note = 'x' where tenant = 1`),
    ['checkpoint_unreadable'],
  ],
  ['a log that is gone', run('delete from logs where tenant = 1'), ['log_missing', 'tile_extra']],
]

function rehashed(db: Database.Database): void {
  const { bytes } = db.prepare(`select bytes from events where place = ${FIRST + 3}`).get() as {
    bytes: Buffer
  }
  const changed = Buffer.from(bytes.toString('utf8').replace('platform', 'plattform'))
  db.prepare(`update events set bytes = ?, leaf_hash = ? where place = ${FIRST + 3}`).run(
    changed,
    leafHash(changed),
  )
}

function swapped(db: Database.Database): void {
  const [one, two, away] = [FIRST + 20, FIRST + 31, FIRST * 2 - 1]
  for (const [from, to] of [
    [one, away],
    [two, one],
    [away, two],
  ]) {
    db.exec(`update events set place = ${to} where place = ${from}`)
  }
}
