import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Person } from '../../../src/cli/import/order.ts'
import { openExport } from '../../../src/cli/import/read-orders.ts'
import type { Entry } from '../../../src/cli/import/read-orders.ts'
import { readRows } from '../../../src/cli/import/read-rows.ts'
import { RecipientRefs } from '../../../src/cli/import/recipients.ts'
import { taobao } from '../../../src/cli/import/taobao.ts'

const word = fc.constantFrom('a', 'b', 'ab')
const person: fc.Arbitrary<Person> = fc.record(
  {
    name: word,
    phone: word,
    email: word,
    address: fc.record(
      { country: fc.constant('CN'), city: word, line1: word },
      { requiredKeys: ['country'] },
    ),
  },
  { requiredKeys: ['name', 'phone', 'address'] },
)

test('two orders share a recipient only if all that is known of it is the same', () => {
  fc.assert(
    fc.property(fc.array(person, { maxLength: 40 }), (persons) => {
      const refs = new RecipientRefs()
      const byRef = new Map<string, string>()
      persons.forEach((person, i) => {
        const ref = refs.refOf(person, `order-${i}`)
        const { name, phone, email, address } = person
        const whole = JSON.stringify([name, phone, email, address.country, address.city, address.line1])
        expect(byRef.get(ref) ?? whole).toBe(whole)
        byRef.set(ref, whole)
      })
      expect(byRef.size).toBe(new Set(byRef.values()).size)
    }),
  )
})

test('negative control: by name and phone alone, a second address would redirect the first parcel', () => {
  const refs = new RecipientRefs()
  const at = (line1: string): Person => ({ name: 'a', phone: '1', address: { country: 'CN', line1 } })
  const [home, work] = [at('home'), at('work')]
  expect(refs.refOf(home, 'one')).not.toBe(refs.refOf(work, 'two'))
  const narrow = (person: Person): Person => ({ ...person, address: { country: 'CN' } })
  expect(refs.refOf(narrow(home), 'three')).toBe(refs.refOf(narrow(work), 'four'))
})

async function refsOf(...rows: string[]) {
  async function* text() {
    yield `订单编号,收货人姓名,收货地址,联系电话,联系手机\n${rows.join('\n')}\n`
  }
  const entries: Entry[] = []
  for await (const entry of (await openExport(readRows(text()), taobao)).entries) entries.push(entry)
  return entries.map((entry) =>
    'order' in entry
      ? [entry.order.recipient.externalRef, entry.order.otherwise?.externalRef]
      : [entry.refusal],
  )
}

test('the ref is the first order of the file, and the second phone makes another recipient', async () => {
  const place = '浙江省 杭州市 西湖区 古荡街道 文三路1号'
  expect(
    await refsOf(
      `11,王伟,${place},,13800138000`,
      `12,王伟,${place},'0571-86013388,'138 0013 8000`,
      `13,王伟,${place},0571-86013388,`,
      `14,王伟,${place}A,,13800138000`,
      `11,李勇,${place},,13800138001`,
    ),
  ).toEqual([
    ['11', undefined],
    ['11', '12/2'],
    ['12/2', undefined],
    ['14', undefined],
    ['order_ref_repeated'],
  ])
})
