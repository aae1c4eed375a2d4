import type { Answer } from '../client.ts'
import { memberAt, wordOf } from '../client.ts'
import type { Cast, World } from '../world.ts'
import type { Noticed } from './breach-notice.ts'
import type { Leak } from './breach.ts'

const HOUR_MS = 3_600_000
/** GDPR Art. 33(1). */
const AUTHORITY_HOURS = 72
const CLOCKS_SHOWN = 8

export async function assess(world: World, { platform }: Cast, leak: Leak): Promise<void> {
  const { tell } = world
  tell.step(
    'The clocks of the law',
    'The privacy officer says what is known; the vault says what runs by when.',
  )
  const now = new Date().toISOString()
  const facts = {
    occurrence: 'established',
    harm: 'high_risk',
    data_classes: ['name', 'phone'],
    determined_at: now,
    assessed_at: now,
    circumstances: { encrypted: false, mitigated: false, malicious: true, outside_intrusion: true },
  }
  const path = `/v1/incidents/${leak.incident}`
  tell.good(await platform.post(`${path}/assess`, { severity: 'high', reason: 'The key was public.', facts }))
  const clocks = tell.good(await platform.get(`${path}/clocks?all=false`))
  const items = clocks.listAt('items')
  const rows = items.slice(0, CLOCKS_SHOWN).map(rowOf)
  tell.table([['rule', 'whom', 'state', 'due', 'there'], ...rows])
  tell.does(`These are the most urgent of ${items.length}.`)
  const gdpr = items.find((item) => memberAt(item, 'rule') === 'eu-gdpr-33-1')
  const due = new Date(Date.parse(leak.awareAt) + AUTHORITY_HOURS * HOUR_MS).toISOString()
  tell.holds(
    'The authority in the EU has to know 72 hours after the platform did.',
    memberAt(gdpr, 'due_at'),
    due,
  )
  const late = items.filter((item) => memberAt(item, 'late_s') !== 0)
  tell.holds('None is late.', late, [])
  const refused = await platform.post(`${path}/close`, { reason: 'Nobody will notice.' })
  tell.holds(
    'While one runs the incident cannot be closed, whatever the reason.',
    [refused.status, refused.at('code')],
    [409, 'state_conflict'],
  )
}

function rowOf(clock: unknown): string[] {
  const [rule, audience, state] = ['rule', 'audience', 'state'].map((name) => wordOf(memberAt(clock, name)))
  const due = wordOf(memberAt(clock, 'due_at')) || wordOf(memberAt(clock, 'limit', 'words'))
  const local = wordOf(memberAt(clock, 'due_local')).slice(0, 16).replace('T', ' ')
  const there = local === '' ? '' : `${local} ${wordOf(memberAt(clock, 'zone'))}`
  return [rule ?? '', audience ?? '', state ?? '', due, there]
}

const OPEN = ['running', 'due_soon', 'late', 'pending']

function rulesOpen(clocks: Answer, isWanted: (clock: unknown) => boolean): string[] {
  return clocks
    .listAt('items')
    .filter((clock) => OPEN.includes(wordOf(memberAt(clock, 'state'))) && isWanted(clock))
    .map((clock) => wordOf(memberAt(clock, 'rule')))
}

/** The persons were told; of the authorities the officer says that they were, on their own forms. */
export async function answerClocks(
  { tell }: World,
  { platform }: Cast,
  leak: Leak,
  { sentAt }: Noticed,
): Promise<void> {
  const path = `/v1/incidents/${leak.incident}/clocks`
  tell.does(
    'The officer notes which notices were given: to the persons just now, to authorities by their forms.',
  )
  const isFirst = (clock: unknown) => memberAt(clock, 'stage') === 'initial'
  const first = rulesOpen(tell.good(await platform.get(path)), isFirst)
  tell.good(await platform.post(`${path}/met`, { rules: first, at: sentAt, note: 'Told.' }))
  const left = rulesOpen(tell.good(await platform.get(path)), () => true)
  if (left.length > 0) {
    tell.good(
      await platform.post(`${path}/waived`, { rules: left, reason: 'Nothing more came to be known.' }),
    )
  }
  const after = tell.good(await platform.get(path))
  tell.holds(
    'No clock runs any more.',
    rulesOpen(after, () => true),
    [],
  )
}
