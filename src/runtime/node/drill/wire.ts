/** As much of the service's answers as a drill reads. */
export type WireScope = {
  events: number
  subjects: number
  erased: number
  first_at: string | null
  last_at: string | null
  by_jurisdiction: Record<string, number>
  by_language: Record<string, number>
  by_field: Record<string, Record<string, { events: number; subjects: number }>>
  copied: {
    subjects: number
    opens: number
    by_jurisdiction: Record<string, number>
    by_language: Record<string, number>
  } | null
}

export type WireClock = {
  rule: string
  jurisdiction: string
  instrument: string
  audience: 'authority' | 'individual' | 'controller' | 'media'
  stage: 'assessment' | 'initial' | 'update' | 'final'
  state: 'not_applicable' | 'pending' | 'running' | 'due_soon' | 'late' | 'met' | 'waived'
  applies: 'yes' | 'no' | 'unclear'
  due_at: string | null
  due_local: string | null
  zone: string
  limit: { words: string }
  late_s: number
  met: object | null
}

export type WireNotice = {
  id: string
  version: number
  state: string
  audience: string
  jurisdiction: string | null
  figures?: Record<string, number>
  preview?: Record<string, { subject: string; text: string }> | null
  lacks?: readonly { pointer: string; code: string }[]
}

export type WireMeasures = {
  state: string
  items: readonly { action: string; state: string; counts: Record<string, number> }[]
}

export type WireIncident = {
  state: string
  containment: WireMeasures['items']
  open_points: readonly string[]
  timeline: readonly { step: string; at: string }[]
}
