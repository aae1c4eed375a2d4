import type { SuspectId } from '../vault/incidents/incident.ts'
import { aboutKey, alertAt } from '../vault/watch/signal.ts'
import type { Signal } from '../vault/watch/signal.ts'

/** A signal as it is stored: about the whole tenant is the empty text, which a key can hold. */
export function signalOf(row: Omit<Signal, 'about'> & { about: string }): Signal {
  return { ...row, about: row.about === '' ? null : (row.about as SuspectId) }
}

/** A whole row, under the schema's own keys. */
export function insertedSignal(signal: Signal) {
  return { ...signal, about: aboutKey(signal.about), alertAt: alertAt(signal) }
}

/** What may have moved of a signal, under the columns' own names. */
export function movedSignal(signal: Signal, version: number) {
  const { id, state, severity, figures, evidence, actions, alerts, settled, count, hold, incident } = signal
  const kept = { id, state, severity, figures, evidence, actions, alerts, settled, count, hold, incident }
  return { ...kept, last_at: signal.lastAt, alert_at: alertAt(signal), version }
}
