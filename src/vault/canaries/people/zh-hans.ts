import type { Chance } from './chance.ts'
import type { MadeUp } from './people.ts'

/** From the most common on, roughly. */
const SURNAMES = Array.from('王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董袁潘')
const GIVEN = Array.from(
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红建文俊宇欣怡梓轩浩然子涵雨泽佳琪晨思嘉慧',
)

/** Prefixes of mobile numbers that have been given out for long. */
const MOBILE = ['130', '131', '135', '136', '137', '138', '139', '150', '151', '152', '158', '159', '176', '177', '180', '186', '187', '188', '189'] // prettier-ignore

type Place = { province: string; city: string; districts: readonly string[]; postcode: string }

const PLACES: readonly Place[] = [
  {
    province: '北京市',
    city: '北京市',
    districts: ['朝阳区', '海淀区', '丰台区', '通州区'],
    postcode: '1000',
  },
  {
    province: '上海市',
    city: '上海市',
    districts: ['浦东新区', '徐汇区', '杨浦区', '闵行区'],
    postcode: '2000',
  },
  { province: '广东省', city: '广州市', districts: ['天河区', '越秀区', '番禺区'], postcode: '5100' },
  {
    province: '广东省',
    city: '深圳市',
    districts: ['南山区', '福田区', '宝安区', '龙岗区'],
    postcode: '5180',
  },
  { province: '浙江省', city: '杭州市', districts: ['西湖区', '余杭区', '滨江区'], postcode: '3100' },
  { province: '江苏省', city: '南京市', districts: ['鼓楼区', '江宁区', '玄武区'], postcode: '2100' },
  { province: '四川省', city: '成都市', districts: ['武侯区', '锦江区', '成华区'], postcode: '6100' },
  { province: '湖北省', city: '武汉市', districts: ['武昌区', '洪山区', '江汉区'], postcode: '4300' },
  { province: '陕西省', city: '西安市', districts: ['雁塔区', '碑林区', '未央区'], postcode: '7100' },
  { province: '河南省', city: '郑州市', districts: ['金水区', '二七区', '中原区'], postcode: '4500' },
]

const STREETS = ['人民路', '解放路', '建设路', '中山路', '和平路', '新华路', '文化路', '长江路', '黄河路', '学院路', '光明路', '友谊路', '青年路', '幸福路', '胜利路', '公园路'] // prettier-ignore

export function personInChinese(chance: Chance): MadeUp {
  const given = Array.from({ length: chance.below(5) === 0 ? 1 : 2 }, () => chance.common(GIVEN)).join('')
  const { province, city, districts, postcode } = chance.of(PLACES)
  const house = `${chance.of(STREETS)}${chance.between(1, 399)}号`
  const room = `${chance.between(1, 12)}栋${chance.between(1, 4)}单元${chance.between(1, 28)}0${chance.between(1, 4)}室`
  return {
    locale: 'zh-Hans',
    jurisdiction: 'CN',
    person: {
      name: chance.common(SURNAMES) + given,
      phone: `+86${chance.of(MOBILE)}${chance.digits(8)}`,
      address: {
        country: 'CN',
        province,
        city,
        district: chance.of(districts),
        line1: house + room,
        postcode: `${postcode}${chance.digits(2)}`,
      },
    },
  }
}
