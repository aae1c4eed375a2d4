import { sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { insertedSignal, movedSignal } from '../../watch-rows.ts'
import type { PostgresDatabase } from '../driver.ts'
import { signals, watchCells, watches } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import type { Apply } from './list.ts'

type WatchChange = Extract<Change, { type: `signal.${string}` | `watch.${string}` }>

function prepareSignals(db: PostgresDatabase) {
  const { state, severity, figures, evidence, actions, alerts, settled, count, lastAt, hold } = signals
  const { incident, alertAt: due, version } = signals
  const put = db
    .update(signals)
    .set({
      state: arg(state),
      severity: arg(severity),
      figures: arg(figures),
      evidence: arg(evidence),
      actions: arg(actions),
      alerts: arg(alerts),
      settled: arg(settled),
      count: arg(count),
      lastAt: arg(lastAt),
      hold: arg(hold),
      incident: arg(incident),
      alertAt: arg(due),
      version: arg(version),
    })
    .where(all(given(signals.tenant), given(signals.id), given(version, 'expected')))
    .returning(DONE)
  return { insert: statement(db.insert(signals).values(rowArgs(signals))), put: must(put) }
}

function prepareWatch(db: PostgresDatabase) {
  const { tenant, cursor, version, settings, settingsVersion } = watches
  const step = db
    .update(watches)
    .set({ cursor: arg(cursor), version: arg(version) })
    .where(all(given(tenant), given(version, 'expected')))
    .returning(DONE)
  const settle = db
    .update(watches)
    .set({ settings: arg(settings), settingsVersion: arg(settingsVersion) })
    .where(all(given(tenant), given(settingsVersion, 'expected')))
    .returning(DONE)
  const begin = db
    .insert(watches)
    .values({ tenant: arg(tenant), cursor: 0, version: 0, settings: null, settingsVersion: 0 })
    .onConflictDoNothing()
  const cell = db
    .insert(watchCells)
    .values(rowArgs(watchCells))
    .onConflictDoUpdate({
      target: [watchCells.tenant, watchCells.key],
      set: { state: sql`excluded.state`, at: sql`excluded.at` },
    })
  const forget = db.delete(watchCells).where(all(given(watchCells.tenant), given(watchCells.key)))
  return {
    begin: statement(begin),
    step: must(step),
    settle: must(settle),
    cell: statement(cell),
    forget: statement(forget),
  }
}

export function watchApplier(db: PostgresDatabase): Apply<WatchChange> {
  const statements = { ...prepareSignals(db), ...prepareWatch(db) }
  return (change, { tenant }) => {
    switch (change.type) {
      case 'signal.insert':
        return [statements.insert({ tenant, ...insertedSignal(change.signal) })]
      case 'signal.put': {
        const { signal, expectedVersion: expected } = change
        return [statements.put({ tenant, ...movedSignal(signal, expected + 1), expected })]
      }
      case 'watch.step': {
        const { cursor, cells, expectedVersion: expected } = change
        return [
          ...(expected === 0 ? [statements.begin({ tenant })] : []),
          statements.step({ tenant, cursor, version: expected + 1, expected }),
          ...cells.map(({ key, state, at }) =>
            state === null ? statements.forget({ tenant, key }) : statements.cell({ tenant, key, state, at }),
          ),
        ]
      }
      case 'watch.set_settings': {
        const { settings, expectedVersion: expected } = change
        return [
          ...(expected === 0 ? [statements.begin({ tenant })] : []),
          statements.settle({ tenant, settings, settings_version: expected + 1, expected }),
        ]
      }
      default:
        return unreachable(change)
    }
  }
}
