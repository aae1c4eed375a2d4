import { VaultError } from '../../../core/errors.ts'
import { instant, toRfc3339 } from '../../../core/time.ts'
import type { ContainmentAction } from '../../../vault/incidents/incident.ts'
import type { DrillKind, Suspects } from './order.ts'
import type { Touched } from './notices.ts'
import type { Scene } from './scene.ts'
import { countWords, fieldRows, windowWords } from './tables.ts'
import type { WireMeasures, WireScope } from './wire.ts'
import { untilContained } from './work-until.ts'

/** What somebody states of each kind: hard, so that as many clocks as possible run. */
const CIRCUMSTANCES: Readonly<Record<DrillKind, Readonly<Record<string, boolean>>>> = {
  credential_leak: { malicious: true, outside_intrusion: true },
  insider: { malicious: true, outside_intrusion: false },
  lost_handheld: { malicious: false, outside_intrusion: false },
  copied_store: { malicious: true, outside_intrusion: true },
}

function spellSuspects(suspects: Suspects): string {
  const counts = Object.entries(suspects).map(
    ([kind, list]) => [kind.replace('_', ' '), list.length] as const,
  )
  return counts.length === 0 ? 'nobody named: everybody who looked' : countWords(Object.fromEntries(counts))
}

export async function detect({ steps, suspicion, awareAt }: Scene): Promise<void> {
  const { tip, suspects } = suspicion
  await steps.take('Detection', () =>
    Promise.resolve({
      says: [tip, `aware      ${toRfc3339(awareAt)}`, `suspected  ${spellSuspects(suspects)}`],
      result: null,
    }),
  )
}

/** @returns the incident's id. */
export async function open({ steps, officers, kind, awareAt, suspicion }: Scene): Promise<string> {
  const { suspects, from, to } = suspicion
  return steps.take('Open', async () => {
    const body = {
      title: `DRILL, nothing has happened: ${kind.replaceAll('_', ' ')}`,
      kind,
      aware_at: toRfc3339(awareAt),
      suspects,
      ...(from !== undefined && { occurred_from: toRfc3339(from) }),
      ...(to !== undefined && { occurred_to: toRfc3339(to) }),
    }
    const { id, state } = await officers.first.ask<{ id: string; state: string }>('/v1/incidents', { body })
    return { says: [`${id}  ${state}`, `window     ${windowWords({ from, to })}`], result: id }
  })
}

/** @throws VaultError `invalid_request` where nobody was touched: there is nothing to play then. */
export async function findScope(
  { steps, officers, suspicion, awareAt }: Scene,
  id: string,
): Promise<Touched> {
  return steps.take('Scope', async () => {
    const scope = await officers.first.ask<WireScope>(`/v1/incidents/${id}/scope`)
    const { copied } = scope
    const persons = copied ? copied.opens : scope.subjects
    if (persons === 0) throw copied ? nothingOpens() : nothingFound()
    const { by_jurisdiction: byJurisdiction, by_language: byLanguage } = copied ?? scope
    const { touched } = suspicion
    const known =
      touched === undefined ? [] : [`made up    ${touched} persons: ${spellHit(touched, persons)}`]
    const looks =
      scope.events === 0 ? [] : [`looks      ${scope.events}, ${scope.first_at} to ${scope.last_at}`]
    return {
      says: [
        `persons    ${persons}${scope.erased > 0 ? `, of whom ${scope.erased} are erased` : ''}`,
        ...known,
        ...looks,
        `live in    ${countWords(byJurisdiction)}`,
        `read       ${countWords(byLanguage)}`,
      ],
      ...(scope.events > 0 && { table: fieldRows(scope) }),
      result: {
        persons,
        byJurisdiction,
        byLanguage,
        from: suspicion.from ?? parsed(scope.first_at) ?? awareAt,
        to: suspicion.to ?? parsed(scope.last_at) ?? awareAt,
      },
    }
  })
}

function parsed(at: string | null) {
  return at === null ? undefined : instant(Date.parse(at))
}

function spellHit(made: number, found: number): string {
  return made === found ? 'found to the last one' : `NOT what was found (${found})`
}

function nothingFound(): VaultError {
  return new VaultError(
    'invalid_request',
    'The drill stops: the log shows nothing by these suspects in this window, so nobody is touched. Look at suspects, from and to.',
  )
}

function nothingOpens(): VaultError {
  return new VaultError(
    'invalid_request',
    'The drill stops: no key is named that opens the copy, so nobody is touched. Say which one is known with --key-version.',
  )
}

export async function assess({ steps, officers, kind, vault }: Scene, id: string): Promise<void> {
  await steps.take('Assessment', async () => {
    const now = toRfc3339(vault.clock.now())
    const clocks = await officers.first.ask<{ proposed_data_classes: string[] }>(`/v1/incidents/${id}/clocks`)
    const classes = clocks.proposed_data_classes
    const stated = { encrypted: false, mitigated: false, ...CIRCUMSTANCES[kind] }
    const facts = {
      occurrence: 'established',
      harm: 'high_risk',
      roles: ['controller', 'network_operator'],
      determined_at: now,
      assessed_at: now,
      circumstances: { ...stated, national_security_vulnerability: false, material_by_sector_rule: false },
      ...(classes.length > 0 && { data_classes: classes }),
    }
    const body = { severity: 'high', reason: 'A drill.', facts }
    await officers.first.ask(`/v1/incidents/${id}/assess`, { body })
    const said = Object.entries(stated).map(([name, is]) => `${is ? '' : 'not '}${name.replace('_', ' ')}`)
    return {
      says: [
        'severity   high, harm high risk, established',
        `stated     ${said.join(', ')}`,
        `data       ${classes.join(', ') || 'not known from the log: every class may be in it'}`,
      ],
      result: null,
    }
  })
}

export async function contain(scene: Scene, id: string): Promise<void> {
  const { steps, officers, vault, suspicion } = scene
  await steps.take('Containment', async () => {
    const actions = actionsFor(suspicion.suspects)
    await officers.first.ask<WireMeasures>(`/v1/incidents/${id}/contain`, { body: { actions } })
    const { containment, state } = await untilContained(vault, officers.first, id)
    const done = containment.map(
      ({ action, counts }) => `${action.replaceAll('_', ' ')}: ${countWords(counts)}`,
    )
    const again = await suspicion.tryAgain?.()
    const tried = again === undefined ? [] : [`the suspect tries again: ${again}`]
    return { says: [...done, `incident   ${state}`, ...tried], result: null }
  })
}

/** What can be stopped of them, at once where that is possible. */
function actionsFor({ credentials = [], parties = [], key_versions: keys = [], ...rest }: Suspects) {
  const actions: ContainmentAction[] = []
  if (credentials.length > 0) actions.push('revoke_credentials')
  if (parties.length > 0) actions.push('suspend_parties')
  if (keys.length > 0) actions.push('rotate_keys')
  const others = Object.values(rest).some((list) => list.length > 0)
  if (others || actions.length === 0) actions.push('revoke_grants')
  return actions
}
