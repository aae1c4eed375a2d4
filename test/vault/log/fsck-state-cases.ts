import { run } from './tampering.ts'
import type { Case } from './tampering.ts'

const LAST_PARTY = `(select id from parties where tenant = 1 order by id desc limit 1)`
const ERASED = `(select no from subjects where state = 'erased' and tenant = 1 limit 1)`
const PRESENT = `(select no from subjects where state = 'active' and tenant = 1 order by no desc limit 1)`

/** What may be done to the state past the log, and what has to be found. */
export const IN_THE_STATE: Case[] = [
  [
    'a party made active again',
    run(
      `update parties set status = 'active' where id = (select id from parties where status = 'terminated' limit 1)`,
    ),
    ['party_state'],
  ],
  [
    'a party that nobody made',
    run(
      `insert into parties select tenant, 'mer_00000000000000000000000000', kind, name, null, null, 'active', 1, 0 from parties limit 1`,
    ),
    ['party_state', 'party_without_event'],
  ],
  ['a party that is gone', run(`delete from parties where id = ${LAST_PARTY}`), ['party_gone']],
  [
    'a credential brought back',
    run(
      `update credentials set revoked_at = null where id = (select id from credentials where revoked_at is not null limit 1)`,
    ),
    ['credential_state'],
  ],
  [
    'a credential revoked past the log',
    run(
      `update credentials set revoked_at = 1 where id = (select id from credentials where revoked_at is null limit 1)`,
    ),
    ['credential_state'],
  ],
  [
    'a credential that nobody issued',
    run(
      `insert into credentials select tenant, 'key_00000000000000000000000000', party, label, zeroblob(32), 0, null from credentials limit 1`,
    ),
    ['credential_without_event'],
  ],
  [
    'a credential of the platform for a shop',
    run(
      `update credentials set party = null where id = (select id from credentials where party is not null limit 1)`,
    ),
    ['credential_differs'],
  ],
  [
    'a grant brought back',
    run(
      `update grants set revoked_at = null where id = (select id from grants where revoked_at is not null and person not in (select no from subjects where state = 'erased') limit 1)`,
    ),
    ['grant_state'],
  ],
  [
    'a grant of an erased person brought back',
    run(`update grants set revoked_at = null where person = ${ERASED}`),
    ['erased_grants_live', 'grant_state'],
  ],
  [
    'a grant revoked past the log',
    run(
      `update grants set revoked_at = 1 where id = (select id from grants where revoked_at is null limit 1)`,
    ),
    ['grant_state'],
  ],
  [
    'a grant for more fields',
    run(
      `update grants set fields = '{"phone":"full","name":"full"}' where id = (select id from grants where origin = 'platform' limit 1)`,
    ),
    ['grant_differs'],
  ],
  [
    'a grant to another party',
    run(
      `update grants set party = 'mer_00000000000000000000000000' where id = (select id from grants where origin = 'tokenize' limit 1)`,
    ),
    ['grant_differs'],
  ],
  [
    'a grant on another person',
    run(
      `update grants set person = ${PRESENT} where id = (select id from grants where origin = 'shipment' and person not in (${PRESENT}, ${ERASED}) and revoked_at is null limit 1)`,
    ),
    ['grant_differs'],
  ],
  [
    'a grant that nobody gave',
    run(
      `insert into grants select null, tenant, 'grt_00000000000000000000000000', person, party, purpose, fields, basis, origin, shipment, valid_from, valid_until, uses_max, uses, null, 1, 0 from grants where person = ${PRESENT} limit 1`,
    ),
    ['grant_without_event'],
  ],
  ['a grant that is gone', run(`delete from grants where no = (select max(no) from grants)`), ['grant_gone']],
  [
    'a parcel set back',
    run(
      `update shipments set stage = 'created' where id = (select id from shipments where stage <> 'created' limit 1)`,
    ),
    ['shipment_state'],
  ],
  [
    'a parcel on its way again',
    run(
      `update shipments set stage = 'out_for_delivery' where id = (select id from shipments where stage in ('returned', 'closed', 'created') limit 1)`,
    ),
    ['shipment_state'],
  ],
  [
    'a parcel to another person',
    run(`update shipments set person = person % 2 + 1 where no = 1`),
    ['shipment_differs'],
  ],
  ['a parcel that is gone', run(`delete from shipments where no = 1`), ['shipment_gone']],
  [
    'a session opened again',
    run(
      `update sessions set ended_at = null where id = (select id from sessions where ended_at is not null limit 1)`,
    ),
    ['session_state'],
  ],
  [
    'a session ended past the log',
    run(
      `update sessions set ended_at = 1 where id = (select id from sessions where ended_at is null limit 1)`,
    ),
    ['session_state'],
  ],
  [
    'a session of another person',
    run(
      `update sessions set subject = 'sub_00000000000000000000000000' where id = (select id from sessions limit 1)`,
    ),
    ['session_differs'],
  ],
  [
    'a session that nobody opened',
    run(
      `insert into sessions select tenant, 'ses_00000000000000000000000000', subject, expires_at, null from sessions limit 1`,
    ),
    ['session_without_event'],
  ],
  ['sessions that have run out and are gone', run('delete from sessions'), []],
  [
    'an erased person who is back',
    run(`update subjects set state = 'active' where no = ${ERASED}`),
    ['subject_state'],
  ],
  [
    'a person marked as erased',
    run(`update subjects set state = 'erased' where no = ${PRESENT}`),
    ['subject_state'],
  ],
  [
    'the key of an erased person, put back',
    run(`update data_keys set wrapped = randomblob(length(wrapped)) where person = ${ERASED}`),
    ['erased_key_left'],
  ],
  [
    'values of an erased person, put back',
    run(
      `insert into fields select ${ERASED} * 16 + 1, tenant, field, version, envelope, index_key_version, hash from fields limit 1`,
    ),
    ['erased_data_left'],
  ],
  [
    'the reference of an erased person, put back',
    run(`update subjects set external_ref = 'u' where no = ${ERASED}`),
    ['erased_data_left'],
  ],
  [
    'tokens of an erased person, live again',
    run(`update tokens set retired_at = null where person = ${ERASED}`),
    ['erased_tokens_live'],
  ],
  [
    'a key destroyed without an erasure',
    run(`update data_keys set wrapped = zeroblob(length(wrapped)) where person = ${PRESENT}`),
    ['key_destroyed'],
  ],
  ['a key that is gone', run(`delete from data_keys where person = ${PRESENT}`), ['key_destroyed']],
  ['a person who is gone', run(`delete from subjects where no = ${PRESENT}`), ['subject_unknown']],
  [
    'a second primary key',
    run(
      `insert into tenant_keys select tenant, kind, 2, state, key_id, root_key_id, wrapped, created_at from tenant_keys where kind = 'log' and tenant = 1`,
    ),
    ['key_set'],
  ],
  [
    'a tenant that nobody made',
    run(`insert into tenants select 9, 'ninth', created_at, settings from tenants limit 1`),
    ['key_set', 'tenant_without_event'],
  ],
]
