import { after } from '../../../core/time.ts'
import { integrateLog } from '../../../vault/log/integrate.ts'
import { answerClocks, lateClocks, readClocks } from './clocks.ts'
import { approve, draft } from './notices.ts'
import type { NoticePlan, Touched } from './notices.ts'
import { printReports } from './paper.ts'
import type { Scene } from './scene.ts'
import { clockRows, countWords, lateRows, noticeRows } from './tables.ts'
import type { WireClock, WireIncident, WireNotice } from './wire.ts'
import { untilSent } from './work-until.ts'

/** The clocks that are shown with their due time; the rest of them are counted. */
const CLOCKS_SHOWN = 30

export async function seeClocks({ steps, officers }: Scene, id: string): Promise<readonly WireClock[]> {
  return steps.take('Clocks', async () => {
    const clocks = await readClocks(officers.first, id)
    const states = Object.fromEntries(
      [...Map.groupBy(clocks, ({ state }) => state.replace('_', ' '))].map(([state, of]) => [
        state,
        of.length,
      ]),
    )
    const shown = clocks.slice(0, CLOCKS_SHOWN)
    const rest = clocks.length - shown.length
    return {
      says: [
        `${clocks.length} apply or may: ${countWords(states)}`,
        ...(rest > 0 ? [`the ${shown.length} most urgent:`] : []),
      ],
      table: clockRows(shown),
      result: clocks,
    }
  })
}

export type Drafted = { plan: NoticePlan; notice: WireNotice }

export async function draftAll(
  { steps, officers, kind, papers }: Scene,
  id: string,
  plans: readonly NoticePlan[],
  touched: Touched,
): Promise<readonly Drafted[]> {
  return steps.take('Notices are drafted', async () => {
    const drafted: Drafted[] = []
    for (const plan of plans)
      drafted.push({ plan, notice: await draft(officers.first, id, plan, kind, touched) })
    const letters = await saveLetters(drafted, officers.first, papers)
    return {
      says: [
        `${drafted.length} from the template: ${spellPlans(plans, 'persons')} to persons, ${spellPlans(plans, 'authority')} to authorities`,
        `${letters} letters, one for each language`,
      ],
      result: drafted,
    }
  })
}

function spellPlans(plans: readonly NoticePlan[], audience: NoticePlan['audience']): string {
  const own = plans.filter((plan) => plan.audience === audience)
  return `${own.length}${own.length > 0 ? ` (${own.map(({ jurisdiction }) => jurisdiction).join(', ')})` : ''}`
}

/** A letter is the same for everybody who reads that language: nobody's name is in it. */
async function saveLetters(
  drafted: readonly Drafted[],
  officer: Scene['officers']['first'],
  papers: Scene['papers'],
): Promise<number> {
  let letters = 0
  for (const { plan, notice } of drafted) {
    const { preview } = await officer.ask<WireNotice>(`/v1/notices/${notice.id}`)
    for (const [language, { subject, text }] of Object.entries(preview ?? {})) {
      letters++
      const name = `letter-${plan.audience}-${plan.jurisdiction}-${language}.txt`
      await papers.put(name, `${subject}\n\n${text}`)
    }
  }
  return letters
}

export async function approveAll({ steps, officers }: Scene, drafted: readonly Drafted[]): Promise<void> {
  await steps.take('A second person approves', async () => {
    const [{ notice }] = drafted as readonly [Drafted]
    const own = await officers.first.try(`/v1/notices/${notice.id}/approve`, { body: { version: 1 } })
    for (const one of drafted) await approve(officers.second, one.notice)
    return {
      says: [`who wrote it tries first: ${own.status}`, `the second person: ${drafted.length} approved`],
      result: null,
    }
  })
}

export async function send(
  { steps, officers, vault, post }: Scene,
  drafted: readonly Drafted[],
): Promise<void> {
  await steps.take('Sending, to nobody', async () => {
    const own = drafted.map(({ notice }) => notice)
    const sent = await untilSent(vault, officers.first, own)
    const ids = new Set(own.map(({ id }) => id))
    const withheld = post.withheld.filter(({ notice }) => notice !== null && ids.has(notice))
    const languages = [...Map.groupBy(withheld, ({ language }) => language)].map(([name, of]) => [
      name,
      of.length,
    ])
    return {
      says: [
        `${withheld.length} messages would have gone out, and none has`,
        `in         ${countWords(Object.fromEntries(languages))}`,
      ],
      table: noticeRows(sent),
      result: null,
    }
  })
}

/** What follows the first notice is not played: it is shown, and waived with that as its reason. */
export async function meetClocks(
  { steps, officers, vault }: Scene,
  id: string,
): Promise<readonly WireClock[]> {
  return steps.take('Clocks are answered', async () => {
    const at = after(vault.clock.now(), 0)
    const waived = await answerClocks(officers.first, id, at)
    const clocks = await readClocks(officers.first, id)
    const met = clocks.filter(({ state }) => state === 'met').length
    const late = lateClocks(clocks)
    return {
      says: [`${met} met`, `to follow  ${spellFollowing(waived)}`, spellLate(late)],
      ...(late.length > 0 && { table: lateRows(late) }),
      result: late,
    }
  })
}

/** In a drill they are waived, so that the incident can be closed. */
function spellFollowing(waived: readonly WireClock[]): string {
  return waived.map(({ rule, stage, audience }) => `${rule} (${stage}, ${audience})`).join(', ') || 'nothing'
}

function spellLate(late: readonly WireClock[]): string {
  if (late.length === 0) return 'none was late'
  return `${late.length} WERE LATE`
}

export async function report(scene: Scene, id: string, drafted: readonly Drafted[]): Promise<void> {
  const { steps, officers, vault, tenant, papers } = scene
  await steps.take('Report', async () => {
    await integrateLog(vault, tenant)
    const authorities = drafted
      .filter(({ plan }) => plan.audience === 'authority')
      .map(({ plan }) => plan.jurisdiction)
    const printed = await printReports(officers.first, id, authorities, papers)
    const says = printed.map(({ name, bytes }) => `${name.padEnd(20)} ${bytes} bytes`)
    return { says, result: null }
  })
}

export async function close({ steps, officers }: Scene, id: string): Promise<void> {
  await steps.take('Close', async () => {
    const body = { reason: 'The drill is over.' }
    const { state, timeline } = await officers.first.ask<WireIncident>(`/v1/incidents/${id}/close`, { body })
    return { says: [`${state}, ${timeline.length} steps, each an event in the log`], result: null }
  })
}
