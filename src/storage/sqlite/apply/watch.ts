import { and, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { insertedSignal, movedSignal } from '../../watch-rows.ts'
import type { SqliteDatabase } from '../driver.ts'
import { signals, watchCells, watches } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { must } from './list.ts'
import type { ListContext } from './list.ts'

type WatchChange = Extract<Change, { type: `signal.${string}` | `watch.${string}` }>

function prepare(db: SqliteDatabase) {
  const { state, severity, figures, evidence, actions, alerts, settled, count, lastAt, hold } = signals
  const { incident, alertAt: due, version } = signals
  return {
    insert: db.insert(signals).values(rowArgs(signals)).prepare(),
    put: db
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
      .where(and(given(signals.tenant), given(signals.id), given(version, 'expected')))
      .returning(DONE)
      .prepare(),
    begin: db
      .insert(watches)
      .values({ tenant: arg(watches.tenant), cursor: 0, version: 0, settings: null, settingsVersion: 0 })
      .onConflictDoNothing()
      .prepare(),
    step: db
      .update(watches)
      .set({ cursor: arg(watches.cursor), version: arg(watches.version) })
      .where(and(given(watches.tenant), given(watches.version, 'expected')))
      .returning(DONE)
      .prepare(),
    settle: db
      .update(watches)
      .set({ settings: arg(watches.settings), settingsVersion: arg(watches.settingsVersion) })
      .where(and(given(watches.tenant), given(watches.settingsVersion, 'expected')))
      .returning(DONE)
      .prepare(),
    cell: db
      .insert(watchCells)
      .values(rowArgs(watchCells))
      .onConflictDoUpdate({
        target: [watchCells.tenant, watchCells.key],
        set: { state: sql`excluded.state`, at: sql`excluded.at` },
      })
      .prepare(),
    forget: db
      .delete(watchCells)
      .where(and(given(watchCells.tenant), given(watchCells.key)))
      .prepare(),
  }
}

export function watchApplier(db: SqliteDatabase) {
  const statements = prepare(db)
  return (change: WatchChange, { tenant }: ListContext): void => {
    switch (change.type) {
      case 'signal.insert':
        statements.insert.run({ tenant, ...insertedSignal(change.signal) })
        return
      case 'signal.put': {
        const { signal, expectedVersion: expected } = change
        return must(statements.put.get({ tenant, ...movedSignal(signal, expected + 1), expected }))
      }
      case 'watch.step': {
        const { cursor, cells, expectedVersion: expected } = change
        if (expected === 0) statements.begin.run({ tenant })
        must(statements.step.get({ tenant, cursor, version: expected + 1, expected }))
        for (const { key, state, at } of cells) {
          if (state === null) statements.forget.run({ tenant, key })
          else statements.cell.run({ tenant, key, state, at })
        }
        return
      }
      case 'watch.set_settings': {
        const { settings, expectedVersion: expected } = change
        if (expected === 0) statements.begin.run({ tenant })
        const row = { settings, settings_version: expected + 1 }
        return must(statements.settle.get({ tenant, ...row, expected }))
      }
      default:
        return unreachable(change)
    }
  }
}
