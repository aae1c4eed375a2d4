import type { Chance } from './chance.ts'
import type { MadeUp } from './people.ts'

/** From the most common on, roughly. */
const SURNAMES = Array.from('陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高')
const FIRST = Array.from('家志俊建文雅淑怡美佳宗冠承宜婉筱柏彥育欣')
const SECOND = Array.from('豪明宏偉傑婷君玲芬惠雯萱翰廷瑋穎瑜慧如安')

type Place = { city: string; districts: readonly (readonly [string, string])[] }

const PLACES: readonly Place[] = [
  { city: '臺北市', districts: [['大安區', '106'], ['信義區', '110'], ['中山區', '104'], ['內湖區', '114']] }, // prettier-ignore
  {
    city: '新北市',
    districts: [
      ['板橋區', '220'],
      ['三重區', '241'],
      ['中和區', '235'],
    ],
  },
  {
    city: '桃園市',
    districts: [
      ['桃園區', '330'],
      ['中壢區', '320'],
    ],
  },
  {
    city: '臺中市',
    districts: [
      ['西屯區', '407'],
      ['北屯區', '406'],
      ['南屯區', '408'],
    ],
  },
  {
    city: '臺南市',
    districts: [
      ['東區', '701'],
      ['永康區', '710'],
    ],
  },
  {
    city: '高雄市',
    districts: [
      ['三民區', '807'],
      ['左營區', '813'],
      ['鳳山區', '830'],
    ],
  },
]

const STREETS = ['中山路', '中正路', '民生路', '民族路', '建國路', '復興路', '和平路', '忠孝路', '仁愛路', '光復路', '成功路', '自由路'] // prettier-ignore
const SECTIONS = ['', '一段', '二段', '三段']

export function personInTaiwan(chance: Chance): MadeUp {
  const { city, districts } = chance.of(PLACES)
  const [district, postcode] = chance.of(districts)
  const street = chance.of(STREETS) + chance.of(SECTIONS)
  return {
    locale: 'zh-Hant',
    jurisdiction: 'TW',
    person: {
      name: chance.common(SURNAMES) + chance.common(FIRST) + chance.common(SECOND),
      phone: `+8869${chance.between(10, 89)}${chance.digits(6)}`,
      address: {
        country: 'TW',
        city,
        district,
        line1: `${street}${chance.between(1, 350)}號${chance.between(2, 14)}樓之${chance.between(1, 6)}`,
        postcode,
      },
    },
  }
}
