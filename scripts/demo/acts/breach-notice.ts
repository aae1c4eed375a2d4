import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Client } from '../client.ts'
import { memberAt, wordOf } from '../client.ts'
import type { Mail } from '../mailbox.ts'
import { run } from '../service.ts'
import { as } from '../world.ts'
import type { Cast, World } from '../world.ts'
import type { Leak } from './breach.ts'

export type Noticed = { notice: string; sentAt: string; figures: Record<string, number> }

const CHINESE = {
  sender: 'Mugs Worldwide 与平台',
  nature: '一家商店的密钥被公开，有人用它查看了订单中的信息。',
  data_categories: '姓名和电话号码，均为打码形式。',
  cause: '密钥被误放进公开的代码库。',
  consequences: '有人可能冒充快递员与您联系。',
  measures: '密钥已停用。',
  self_help: '不要把验证码告诉任何人。',
  contact: '隐私办公室，privacy@cloakroom.example',
  when: '今天。',
}

const ENGLISH = {
  sender: 'Mugs Worldwide and the platform',
  nature: 'A key of a shop became public, and somebody looked at data of orders with it.',
  data_categories: 'Name and phone number, masked.',
  cause: 'The key was put into a public code repository by mistake.',
  consequences: 'Somebody may write to you as if they were a courier.',
  measures: 'The key was stopped.',
  self_help: 'Tell nobody a code that was sent to you.',
  contact: 'Privacy office, privacy@cloakroom.example',
  when: 'Today.',
}

/** The second person: what takes two people takes two credentials. */
async function secondOfficer({ tell, service, launcher }: World): Promise<Client> {
  const args = ['tenant', 'credential', 'default', '--label', 'second officer']
  tell.shows(`$ cloakroom ${args.join(' ')}`)
  const ran = await run(launcher, args, service.folders)
  const [secret = ''] = /ck_default_[0-9A-Za-z]{32,}/.exec(ran.stdout) ?? []
  tell.needs('the command gives a credential', [ran.code, secret !== ''], [0, true])
  return as(service, secret)
}

export async function tellPersons(
  world: World,
  cast: Cast,
  leak: Leak,
  her: { client: Client; email: string },
): Promise<Noticed> {
  const { tell } = world
  tell.step('Everybody is told', 'The officer drafts a notice from the template, in two languages.')
  const { consequences: _, ...lacking } = CHINESE
  const template = (chinese: object) => ({
    occurrence: 'established',
    conditions: [],
    values: { en: ENGLISH, 'zh-Hans': chinese },
  })
  const draft = tell.good(
    await cast.platform.post(`/v1/incidents/${leak.incident}/notices`, {
      audience: 'persons',
      channel: 'email',
      template: template(lacking),
    }),
    201,
  )
  const notice = draft.textAt('id')
  const officer = await secondOfficer(world)
  const path = `/v1/notices/${notice}`
  await refuseWhatLacks(world, officer, path)
  tell.does('The officer adds it.')
  tell.good(await cast.platform.patch(path, { template: template(CHINESE) }))
  await approve(world, cast, officer, path)
  return arrives(world, cast, leak, { ...her, notice, path })
}

async function refuseWhatLacks({ tell }: World, officer: Client, path: string): Promise<void> {
  const read = tell.good(await officer.get(path))
  const refused = await officer.post(`${path}/approve`, { version: read.at('version') })
  const said = refused.listAt('errors').map((one) => [memberAt(one, 'code'), memberAt(one, 'pointer')])
  tell.shows(JSON.stringify(refused.at('errors')))
  tell.holds(
    'The draft does not say in Chinese what may come of it, and is not approved.',
    [refused.status, said],
    [409, [['content_missing', '/template/values/zh-Hans/consequences']]],
  )
}

async function approve({ tell }: World, { platform }: Cast, officer: Client, path: string): Promise<void> {
  const version = tell.good(await officer.get(path)).at('version')
  const own = await platform.post(`${path}/approve`, { version })
  tell.holds('Who wrote it cannot approve it.', [own.status, own.at('code')], [403, 'approval_own'])
  const approved = tell.good(await officer.post(`${path}/approve`, { version }))
  tell.holds('The second person reads it, and says yes.', approved.at('state'), 'approved')
}

const POLL_MS = 200
const GIVE_UP_MS = 30_000

async function untilSent({ tell }: World, { platform }: Cast, path: string): Promise<Answer> {
  const until = Date.now() + GIVE_UP_MS
  for (;;) {
    const seen = tell.good(await platform.get(path))
    if (seen.at('state') === 'sent') return seen
    tell.needs('the notice goes out in time', Date.now() < until, true)
    await sleep(POLL_MS)
  }
}

type Told = { client: Client; email: string; notice: string; path: string }

async function arrives(world: World, cast: Cast, leak: Leak, told: Told): Promise<Noticed> {
  const { tell, mailbox } = world
  const sent = await untilSent(world, cast, told.path)
  const mails = await mailbox.read()
  const figures = sent.at('figures') as Record<string, number>
  tell.shows(JSON.stringify(figures))
  const { sent: gone = 0, no_contact: unreachable = 0 } = figures
  tell.holds('Everybody in scope is accounted for.', gone + unreachable, leak.persons)
  const boxes = new Set(mails.map(({ to }) => to))
  tell.holds(
    'As many mails came as the vault says, each to a mailbox of its own.',
    [mails.length, boxes.size],
    [gone, gone],
  )
  checkHerMail(world, leak, mails, told.email)
  const english = mails.filter(({ text }) => text.includes(ENGLISH.nature))
  tell.holds('All others read it in English: of them no language is known.', english.length, gone - 1)
  await checkHerPage(world, told)
  return { notice: told.notice, sentAt: new Date().toISOString(), figures }
}

function checkHerMail({ tell }: World, leak: Leak, mails: readonly Mail[], email: string): void {
  const [mail] = mails.filter(({ to }) => to === email)
  tell.needs('one mail came to her', mail !== undefined, true)
  const { subject = '', text = '' } = mail ?? {}
  tell.does('This is what came to her address, over SMTP:')
  tell.shows(subject)
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) tell.shows(line)
  const missing = Object.values(CHINESE).filter((words) => !text.includes(words))
  tell.holds(
    'It says in Chinese all that the officer filled in.',
    missing.filter((words) => words !== CHINESE.sender),
    [],
  )
  tell.holds('It names the incident by which she can ask.', text.includes(leak.incident), true)
  const told = [text, mail?.html ?? ''].filter((part) => part.includes(email) || /\{\w+\}/.test(part))
  tell.holds('Her address does not stand in it, and no blank was left.', told, [])
}

async function checkHerPage({ tell }: World, { client, notice }: Told): Promise<void> {
  const own = tell.good(await client.get('/v1/me/notices'))
  const ids = own.listAt('items').map((item) => memberAt(item, 'id'))
  tell.holds('It stands on her own page as well.', ids, [notice])
  const [access] = await client.list('/v1/me/accesses')
  const seen = ['type', 'purpose'].map((name) => wordOf(memberAt(access, name)))
  tell.holds('So does that her address was opened for it.', seen, ['notice.contact_opened', 'breach_notice'])
}
