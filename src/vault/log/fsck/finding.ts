import type { TenantId } from '../../../core/id.ts'

/** What the log speaks of and the store holds. */
export const NOUNS = ['tenant', 'party', 'credential', 'subject', 'grant', 'shipment', 'session'] as const
export type Noun = (typeof NOUNS)[number]

/** What may be wrong, and what that may mean: codes are added to, never renamed. */
const MEANINGS = {
  database_damaged: 'the file is damaged, or an index was changed so that rows no longer show',
  rows_of_no_tenant: 'rows were moved to another number, or their tenant was deleted',
  log_gap: 'events were deleted, or moved to another place',
  leaf_differs: 'the bytes or the hash beside them were changed after the event was written',
  leaf_unreadable: 'the bytes of the event were overwritten, or a later version wrote them',
  leaf_of_another_tenant: "the event was moved here from another tenant's log",
  event_emptied: 'events were emptied, or put back from an older copy, and not by retention',
  column_differs: 'the row was changed so that the event is listed for somebody or something else',
  subject_unknown: 'the person whom the row names is not there, or is another tenant’s',
  subject_not_committed:
    "the row was changed so that the event shows in another person's history, or in nobody's",
  tile_missing: 'part of the tree was deleted: proofs through it cannot be made',
  tile_differs: 'the tree and the events are not of one history: one of them was changed',
  tile_extra: 'the tree once held more than the checkpoint says: the log was set back',
  checkpoint_late: 'no checkpoint was made for an hour while events came, or the checkpoint was set back',
  checkpoint_unreadable: 'the checkpoint was overwritten',
  checkpoint_unsigned: "the checkpoint was not signed by this log's key, or was changed since",
  checkpoint_of_another_log: 'a checkpoint of another log stands in its place',
  checkpoint_differs: 'the row beside the checkpoint was changed',
  root_differs: 'the events are not those that the checkpoint was signed over: the log was rewritten',
  log_truncated: 'the checkpoint covers more events than there are: the newest ones were cut off',
  log_rolled_back:
    'a checkpoint that was seen outside covers more than this store holds: it was set back to an earlier state',
  log_forked: 'a checkpoint that was seen outside is of another history under the same key',
  log_missing: 'a checkpoint was seen outside of a log that this store does not hold',
  key_unreadable: "the tenant's key was changed, or sealed under another root key",
  key_state: "the key's state was changed in the store, past the log",
  key_set: 'not exactly one version of the key is primary: versions were added or taken away',
  tenant_without_event: 'the tenant was made without the log, or the log lost its beginning',
  tenant_gone: 'the tenant was deleted',
  party_without_event: 'the party was put into the store without the log',
  party_gone: 'the party was deleted',
  party_state: "the party's status was changed in the store, past the log",
  credential_without_event: 'the credential was put into the store without the log',
  credential_gone: 'the credential was deleted',
  credential_differs: 'the credential was given to somebody else, past the log',
  credential_state: 'the credential was revoked or brought back to life in the store, past the log',
  subject_without_event: 'the person was put into the store without the log',
  subject_gone: 'the person was deleted in the store, which erasing never does',
  subject_state: 'the person was marked or unmarked as erased in the store, past the log',
  grant_without_event: 'the grant was put into the store without the log',
  grant_gone: 'the grant was deleted',
  grant_differs: 'the grant was changed in the store: it is for something else than was given',
  grant_state: 'the grant was revoked or brought back to life in the store, past the log',
  shipment_without_event: 'the parcel was put into the store without the log',
  shipment_gone: 'the parcel was deleted',
  shipment_differs: 'the parcel was changed in the store: it is not the one that was made',
  shipment_state: "the parcel's stage was changed in the store, past the log",
  session_without_event: 'the session was put into the store without the log',
  session_gone: 'the session was deleted',
  session_differs: 'the session was turned over to somebody else, past the log',
  session_state: 'the session was ended or brought back to life in the store, past the log',
  erased_key_left: 'the data key of an erased person is still there, or was put back from an older copy',
  erased_data_left:
    'values or notes of an erased person are still there, or were put back from an older copy',
  erased_tokens_live: 'tokens of an erased person are live',
  erased_grants_live: 'grants on an erased person are live',
  key_destroyed: 'the data key of a person was destroyed without an erasure: the values cannot be opened',
} as const

export type FindingCode = keyof typeof MEANINGS

/** What a check says is wrong with one thing; whoever runs it knows the tenant. */
export type Fault = {
  code: FindingCode
  /** Which event, tile, row or file. */
  id: string
  /** What was seen, without a value of any person. */
  seen: string
}

/** `tenant` is null for what belongs to none. */
export type Finding = Fault & { tenant: TenantId | null; means: string }

export function findingOf(tenant: TenantId | null, { code, id, seen }: Fault): Finding {
  return { tenant, code, id, seen, means: MEANINGS[code] }
}
