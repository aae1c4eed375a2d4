import { join } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import { parseTenantId } from '../../../core/id.ts'
import type { TenantId } from '../../../core/id.ts'
import { DAY_MS, after, instant } from '../../../core/time.ts'
import type { Clock } from '../../../core/time.ts'
import { issuePlatformCredential } from '../../../vault/principals/tenants.ts'
import { cancelNotice } from '../../../vault/incidents/notices/approve.ts'
import type { Vault } from '../../../vault/vault.ts'
import { openVault } from '../compose.ts'
import { readConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { requireDataFolder } from '../open-store.ts'
import { unsealWith } from '../unseal-with.ts'
import { Caller, appOf } from './caller.ts'
import { copyVault } from './copied-vault.ts'
import { DrillClock } from './drill-clock.ts'
import { makeLeak } from './made-leak.ts'
import { makeVault } from './made-vault.ts'
import type { DrillOrder, RealCase, Tell } from './order.ts'
import { Papers } from './paper.ts'
import { play } from './play.ts'
import type { Played } from './play.ts'
import { makeScratch } from './scratch.ts'
import type { Scratch } from './scratch.ts'
import type { Scene, Suspicion } from './scene.ts'
import { SilentPost } from './silent-channels.ts'
import type { Post } from './silent-channels.ts'
import { Steps } from './steps.ts'

/** The days before the leak on which the made-up vault was at its ordinary work. */
const DAYS_BEFORE = [6, 5, 4, 3, 2] as const

/**
 * Plays an incident from detection to report, on made-up persons or on a copy of a real data folder, and sends nothing.
 * @param env where a real vault's root key is, as for `cloakroom serve`; a made-up one reads nothing of it.
 * @throws VaultError `not_found`, `data_folder_in_use`, `folder_not_empty`, `invalid_request`, and as `openVault`.
 */
export async function drill(env: NodeJS.ProcessEnv, order: DrillOrder, tell: Tell): Promise<Played> {
  const scratch = makeScratch()
  try {
    const papers = await Papers.in(order.out)
    const { on } = order
    return 'persons' in on
      ? await onMadeUp(order, on.persons, scratch, papers, tell)
      : await onCopy(env, order, on, scratch, papers, tell)
  } finally {
    await scratch.remove()
  }
}

async function onMadeUp(
  order: DrillOrder,
  persons: number,
  scratch: Scratch,
  papers: Papers,
  tell: Tell,
): Promise<Played> {
  const { kind } = order
  const awareAt = order.aware ?? instant(Date.now())
  const days = DAYS_BEFORE.map((days) => after(awareAt, -days * DAY_MS))
  const clock = new DrillClock(after(days[0] ?? awareAt, -DAY_MS))
  const config = readConfig({ CLOAKROOM_DATA: scratch.data, CLOAKROOM_KEYS: scratch.keys })
  const post = new SilentPost()
  return withVault({ config, post, clock, shareFiles: [] }, async (vault) => {
    const before = performance.now()
    const tenant = await onlyTenant(vault, undefined)
    const officers = await castOfficers(vault, tenant)
    const as = (credential: string) => new Caller(appOf(vault), credential)
    const made = await makeVault(officers.first, as, clock, { persons, days })
    const leak = await makeLeak(kind, { platform: officers.first, as }, made, clock, awareAt)
    const parties = `${made.shops.length} shops, ${made.couriers.length} couriers, ${made.parcels.length} parcels`
    const says = [`${persons} made-up persons, ${parties}, ${days.length} days of looks, and then the leak`]
    tell({ title: 'Before it: a vault is made up', ms: performance.now() - before, says })
    clock.be(instant(Date.now()))
    const steps = new Steps(tell)
    return play({ vault, tenant, officers, post, steps, papers, kind, awareAt, suspicion: leak })
  })
}

async function onCopy(
  env: NodeJS.ProcessEnv,
  order: DrillOrder,
  real: RealCase,
  scratch: Scratch,
  papers: Papers,
  tell: Tell,
): Promise<Played> {
  const config = readConfig({ ...env, CLOAKROOM_DATA: real.folder })
  requireDataFolder(config, 'A drill')
  const before = performance.now()
  await copyVault(config, real, scratch)
  const said = 'A copy of the data folder, which is removed at the end. The folder itself is only read.'
  tell({ title: 'Before it: the vault is copied', ms: performance.now() - before, says: [said] })
  return playOn({ ...config, dataFolder: join(scratch.data) }, order, real, papers, tell)
}

/**
 * Plays on the very folder that the configuration names, which has to be a copy, and with this post, which has to be silent: `drill`
 * is what sees to both.
 */
export async function playOn(
  config: Config,
  order: DrillOrder,
  real: RealCase,
  papers: Papers,
  tell: Tell,
  post: Post = new SilentPost(),
): Promise<Played> {
  return withVault({ config, post, shareFiles: real.shareFiles }, async (vault) => {
    const tenant = await onlyTenant(vault, real.tenant)
    await stopOwnNotices(vault)
    const awareAt = order.aware ?? vault.clock.now()
    const officers = await castOfficers(vault, tenant)
    const { suspects, from, to } = real
    const tip = 'As it was given to the command.'
    const suspicion: Suspicion = { suspects, from, to, tip, touched: undefined, tryAgain: undefined }
    const steps = new Steps(tell)
    return play({ vault, tenant, officers, post, steps, papers, kind: order.kind, awareAt, suspicion })
  })
}

type Opening = { config: Config; post: Post; clock?: Clock; shareFiles: readonly string[] }

async function withVault<Result>(
  { config, post: { channels }, clock, shareFiles }: Opening,
  work: (vault: Vault) => Promise<Result>,
): Promise<Result> {
  const opened = await openVault(config, {
    channels,
    maySeal: shareFiles.length > 0,
    ...(clock && { clock }),
  })
  try {
    await unsealWith(opened.keys, shareFiles)
    return await work(opened.vault)
  } finally {
    await opened.close()
  }
}

/** @throws VaultError `not_found`; `invalid_request` where there are several and none is named. */
async function onlyTenant(vault: Vault, named: string | undefined): Promise<TenantId> {
  const tenants = (await vault.store.listTenants()).map(({ id }) => id)
  if (named !== undefined) {
    const asked = parseTenantId(named)
    if (asked !== undefined && tenants.includes(asked)) return asked
    throw new VaultError('not_found', `There is no tenant ${named} in this vault.`)
  }
  const [only, ...others] = tenants
  if (only !== undefined && others.length === 0) return only
  throw new VaultError('invalid_request', `Say which of the ${tenants.length} tenants with --tenant.`)
}

async function castOfficers(vault: Vault, tenant: TenantId): Promise<Scene['officers']> {
  const app = appOf(vault)
  const cast = async (label: string) =>
    new Caller(app, (await issuePlatformCredential(vault, tenant, label)).secret.exposeSecret())
  return { first: await cast('drill: first officer'), second: await cast('drill: second officer') }
}

/** Notices that wait in a real vault are no part of a drill: in the copy they are cancelled before anything is sent. */
async function stopOwnNotices(vault: Vault): Promise<void> {
  for (;;) {
    const waiting = await vault.store.listNoticesAtWork(NOTICES_A_ROUND)
    if (waiting.length === 0) return
    for (const { tenant, id } of waiting) {
      const { id: credential } = await issuePlatformCredential(vault, tenant, 'drill')
      await cancelNotice(
        vault,
        { caller: { kind: 'platform', tenant, credential } },
        id,
        'A drill, on a copy.',
      )
    }
  }
}

const NOTICES_A_ROUND = 100
