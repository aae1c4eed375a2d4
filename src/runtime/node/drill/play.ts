import { assess, contain, detect, findScope, open } from './find-out.ts'
import { planNotices } from './notices.ts'
import type { Scene } from './scene.ts'
import { approveAll, close, draftAll, meetClocks, report, seeClocks, send } from './tell-them.ts'
import type { WireClock } from './wire.ts'

/** What a drill comes to. */
export type Played = {
  incident: string
  persons: number
  /** How long the vault took for all steps. */
  ms: number
  withheld: number
  /** What would have been late if it had been real. */
  late: readonly WireClock[]
  written: readonly string[]
}

/** One incident from detection to its close, by the calls that officers make. Tells each step; sends nothing. */
export async function play(scene: Scene): Promise<Played> {
  await detect(scene)
  const incident = await open(scene)
  const touched = await findScope(scene, incident)
  await assess(scene, incident)
  await contain(scene, incident)
  const clocks = await seeClocks(scene, incident)
  const drafted = await draftAll(scene, incident, planNotices(touched, clocks), touched)
  await approveAll(scene, drafted)
  await send(scene, drafted)
  const late = await meetClocks(scene, incident)
  await report(scene, incident, drafted)
  await close(scene, incident)
  const { steps, post, papers } = scene
  const { persons } = touched
  return {
    incident,
    persons,
    ms: steps.totalMs,
    withheld: post.withheld.length,
    late,
    written: papers.written,
  }
}
