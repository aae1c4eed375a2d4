CREATE TABLE `events` (
	`place` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`person` integer,
	`subject_salt` blob,
	`party` text,
	`bytes` blob NOT NULL,
	`leaf_hash` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_id` ON `events` (`id`);--> statement-breakpoint
CREATE INDEX `events_person` ON `events` (`person`) WHERE person is not null;--> statement-breakpoint
CREATE INDEX `events_party` ON `events` (`party`) WHERE party is not null;--> statement-breakpoint
CREATE TABLE `canaries` (
	`tenant` integer NOT NULL,
	`person` integer NOT NULL,
	`subject` text NOT NULL,
	`party` text NOT NULL,
	`planted_at` integer NOT NULL,
	`retired_at` integer,
	`touches` integer NOT NULL,
	`touched_at` integer,
	PRIMARY KEY(`tenant`, `person`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `canaries_subject` ON `canaries` (`tenant`,`subject`);--> statement-breakpoint
CREATE TABLE `canary_touches` (
	`tenant` integer NOT NULL,
	`event` text NOT NULL,
	`subject` text NOT NULL,
	`verb` text NOT NULL,
	PRIMARY KEY(`tenant`, `event`, `subject`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `canary_walks` (
	`tenant` integer PRIMARY KEY NOT NULL,
	`walked` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `grant_payments` (
	`grant` integer PRIMARY KEY NOT NULL,
	`paid_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `grants` (
	`no` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`person` integer NOT NULL,
	`party` text NOT NULL,
	`purpose` text NOT NULL,
	`fields` text NOT NULL,
	`basis` text NOT NULL,
	`origin` text NOT NULL,
	`shipment` text,
	`valid_from` integer NOT NULL,
	`valid_until` integer,
	`uses_max` integer,
	`uses` integer NOT NULL,
	`revoked_at` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `grants_id` ON `grants` (`tenant`,`id`);--> statement-breakpoint
CREATE INDEX `grants_person` ON `grants` (`person`);--> statement-breakpoint
CREATE TABLE `incidents` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`severity` text,
	`aware_at` integer NOT NULL,
	`occurred_from` integer,
	`occurred_to` integer,
	`suspects` text NOT NULL,
	`containment` text NOT NULL,
	`containing` integer NOT NULL,
	`facts` text NOT NULL,
	`clocks` text NOT NULL,
	`counted` text NOT NULL,
	`check_at` integer,
	`steps` text NOT NULL,
	`opened_at` integer NOT NULL,
	`version` integer NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `incidents_containing` ON `incidents` (`tenant`) WHERE containing = 1;--> statement-breakpoint
CREATE INDEX `incidents_check_at` ON `incidents` (`check_at`) WHERE check_at is not null;--> statement-breakpoint
CREATE TABLE `key_destructions` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`version` integer NOT NULL,
	`asked_by` text NOT NULL,
	`asked_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`approved_by` text,
	`approved_at` integer,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE TABLE `rotations` (
	`tenant` integer NOT NULL,
	`level` text NOT NULL,
	`target` text NOT NULL,
	`state` text NOT NULL,
	`steps` integer NOT NULL,
	`cursor` integer NOT NULL,
	`again` integer NOT NULL,
	`done` integer NOT NULL,
	`total` integer NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	PRIMARY KEY(`tenant`, `level`)
);
--> statement-breakpoint
CREATE TABLE `logs` (
	`tenant` integer PRIMARY KEY NOT NULL,
	`origin` text NOT NULL,
	`size` integer NOT NULL,
	`root` blob NOT NULL,
	`checkpoint` text NOT NULL,
	`made_at` integer NOT NULL,
	`cosigned_size` integer,
	`cosigned_note` text
);
--> statement-breakpoint
CREATE TABLE `tiles` (
	`place` integer PRIMARY KEY NOT NULL,
	`bytes` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `notice_deliveries` (
	`tenant` integer NOT NULL,
	`notice` text NOT NULL,
	`recipient` integer NOT NULL,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`next_at` integer,
	`code` text,
	`since` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `notice`, `recipient`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `notice_deliveries_next` ON `notice_deliveries` (`tenant`,`notice`,`next_at`) WHERE next_at is not null;--> statement-breakpoint
CREATE TABLE `notices` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`incident` text NOT NULL,
	`audience` text NOT NULL,
	`jurisdiction` text,
	`channel` text NOT NULL,
	`state` text NOT NULL,
	`drafted_by` text NOT NULL,
	`drafted_at` integer NOT NULL,
	`edited_by` text NOT NULL,
	`approved_by` text,
	`approved_at` integer,
	`seed` text NOT NULL,
	`cursor` integer NOT NULL,
	`at_work` integer NOT NULL,
	`version` integer NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `notices_incident` ON `notices` (`tenant`,`incident`);--> statement-breakpoint
CREATE INDEX `notices_at_work` ON `notices` (`id`) WHERE at_work = 1;--> statement-breakpoint
CREATE TABLE `credentials` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`party` text,
	`label` text NOT NULL,
	`secret_hash` blob NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `credentials_secret_hash` ON `credentials` (`tenant`,`secret_hash`);--> statement-breakpoint
CREATE TABLE `parties` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`registration_number` text,
	`contact` blob,
	`status` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`subject` text NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sessions_expires_at` ON `sessions` (`tenant`,`expires_at`);--> statement-breakpoint
CREATE INDEX `sessions_ended_at` ON `sessions` (`tenant`,`ended_at`) WHERE ended_at is not null;--> statement-breakpoint
CREATE TABLE `tenant_keys` (
	`tenant` integer NOT NULL,
	`kind` text NOT NULL,
	`version` integer NOT NULL,
	`state` integer NOT NULL,
	`key_id` text NOT NULL,
	`root_key_id` text NOT NULL,
	`wrapped` blob NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `kind`, `version`)
);
--> statement-breakpoint
CREATE TABLE `tenants` (
	`no` integer PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`created_at` integer NOT NULL,
	`settings` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tenants_slug` ON `tenants` (`slug`);--> statement-breakpoint
CREATE TABLE `probe` (
	`no` integer PRIMARY KEY NOT NULL,
	`writes` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `data_keys` (
	`person` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`key_id` text NOT NULL,
	`tenant_key_version` integer NOT NULL,
	`wrapped` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `fields` (
	`slot` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`field` integer NOT NULL,
	`version` integer NOT NULL,
	`envelope` blob NOT NULL,
	`index_key_version` integer NOT NULL,
	`hash` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `fields_blind_index` ON `fields` (`tenant`,`field`,`hash`);--> statement-breakpoint
CREATE TABLE `notes` (
	`no` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`about` text NOT NULL,
	`subject` text,
	`sealed` blob NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `notes_subject` ON `notes` (`tenant`,`subject`);--> statement-breakpoint
CREATE INDEX `notes_about` ON `notes` (`tenant`,`about`);--> statement-breakpoint
CREATE TABLE `subjects` (
	`no` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	`external_ref` text,
	`locale` text,
	`jurisdiction` text,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`erased_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `subjects_id` ON `subjects` (`tenant`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `subjects_external_ref` ON `subjects` (`tenant`,`owner`,`external_ref`) WHERE external_ref is not null;--> statement-breakpoint
CREATE TABLE `idempotency` (
	`no` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`caller` text NOT NULL,
	`key` blob NOT NULL,
	`fingerprint` blob NOT NULL,
	`sealed_result` blob NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idempotency_key` ON `idempotency` (`tenant`,`caller`,`key`);--> statement-breakpoint
CREATE INDEX `idempotency_created_at` ON `idempotency` (`tenant`,`created_at`);--> statement-breakpoint
CREATE TABLE `paid_items` (
	`tenant` integer NOT NULL,
	`party` text NOT NULL,
	`item` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `party`, `item`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `paid_items_at` ON `paid_items` (`tenant`,`at`);--> statement-breakpoint
CREATE TABLE `party_days` (
	`tenant` integer NOT NULL,
	`party` text NOT NULL,
	`day` text NOT NULL,
	`used` integer NOT NULL,
	`parcels` integer NOT NULL,
	PRIMARY KEY(`tenant`, `party`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `refs` (
	`tenant` integer NOT NULL,
	`owner` text NOT NULL,
	`kind` text NOT NULL,
	`ref` text NOT NULL,
	`id` text NOT NULL,
	PRIMARY KEY(`tenant`, `owner`, `kind`, `ref`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `refs_id` ON `refs` (`tenant`,`id`);--> statement-breakpoint
CREATE TABLE `retention_walks` (
	`tenant` integer NOT NULL,
	`kind` text NOT NULL,
	`next` integer NOT NULL,
	PRIMARY KEY(`tenant`, `kind`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `shipment_stages` (
	`tenant` integer NOT NULL,
	`shipment` text NOT NULL,
	`version` integer NOT NULL,
	`stage` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `shipment`, `version`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `shipments` (
	`no` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`merchant` text NOT NULL,
	`courier` text NOT NULL,
	`order_id` text NOT NULL,
	`waybill` text NOT NULL,
	`person` integer NOT NULL,
	`grant_id` text NOT NULL,
	`name_token` text NOT NULL,
	`phone_token` text NOT NULL,
	`address_token` text NOT NULL,
	`tokens_expire_at` integer,
	`tokens_retired_at` integer,
	`stage` text NOT NULL,
	`stage_at` integer NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `shipments_id` ON `shipments` (`tenant`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `shipments_waybill` ON `shipments` (`tenant`,`waybill`);--> statement-breakpoint
CREATE INDEX `shipments_person` ON `shipments` (`person`);--> statement-breakpoint
CREATE INDEX `shipments_order` ON `shipments` (`tenant`,`order_id`);--> statement-breakpoint
CREATE INDEX `shipments_settled` ON `shipments` (`tenant`,`stage_at`) WHERE stage in ('delivered', 'returned', 'cancelled', 'closed') and name_token <> '';--> statement-breakpoint
CREATE TABLE `tokens` (
	`no` integer PRIMARY KEY NOT NULL,
	`tenant` integer NOT NULL,
	`token` blob NOT NULL,
	`party` text NOT NULL,
	`person` integer NOT NULL,
	`field` integer NOT NULL,
	`linkability` text NOT NULL,
	`window` text,
	`issued_at` integer NOT NULL,
	`expires_at` integer,
	`retired_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_token` ON `tokens` (`tenant`,`token`);--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_live` ON `tokens` (`person`,`party`,`field`,`window`) WHERE retired_at is null;--> statement-breakpoint
CREATE INDEX `tokens_expires_at` ON `tokens` (`tenant`,`expires_at`) WHERE expires_at is not null;--> statement-breakpoint
CREATE INDEX `tokens_retired_at` ON `tokens` (`tenant`,`retired_at`) WHERE retired_at is not null;--> statement-breakpoint
CREATE TABLE `holds` (
	`tenant` integer NOT NULL,
	`suspect` text NOT NULL,
	`holder` text NOT NULL,
	`mode` text NOT NULL,
	`until` integer,
	PRIMARY KEY(`tenant`, `suspect`, `holder`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `risk_holds` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`suspect` text NOT NULL,
	`mode` text NOT NULL,
	`signal` text,
	`placed_by` text,
	`placed_at` integer NOT NULL,
	`until` integer,
	`event` text NOT NULL,
	`cleared_at` integer,
	`cleared_by` text,
	`cleared_event` text,
	`version` integer NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `risk_holds_until` ON `risk_holds` (`until`) WHERE cleared_at is null and until is not null;--> statement-breakpoint
CREATE TABLE `signals` (
	`tenant` integer NOT NULL,
	`id` text NOT NULL,
	`detector` text NOT NULL,
	`about` text NOT NULL,
	`code` text NOT NULL,
	`severity` text NOT NULL,
	`state` text NOT NULL,
	`figures` text NOT NULL,
	`implicated` text NOT NULL,
	`evidence` text NOT NULL,
	`actions` text NOT NULL,
	`alerts` text NOT NULL,
	`settled` text,
	`count` integer NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`hold` text,
	`incident` text,
	`event` text NOT NULL,
	`alert_at` integer,
	`version` integer NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `signals_about` ON `signals` (`tenant`,`detector`,`about`,`last_at`);--> statement-breakpoint
CREATE INDEX `signals_alert_at` ON `signals` (`alert_at`) WHERE alert_at is not null;--> statement-breakpoint
CREATE TABLE `watch_cells` (
	`tenant` integer NOT NULL,
	`key` text NOT NULL,
	`state` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `key`)
);
--> statement-breakpoint
CREATE TABLE `watches` (
	`tenant` integer PRIMARY KEY NOT NULL,
	`cursor` integer NOT NULL,
	`version` integer NOT NULL,
	`settings` text,
	`settings_version` integer NOT NULL
);
