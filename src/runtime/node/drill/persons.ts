/** As tokenize takes one. Made up; whoever has such a number by chance gets nothing, since nothing is sent. */
export type MadePerson = {
  key: string
  external_ref: string
  locale: string
  jurisdiction: string
  person: {
    name: string
    phone: string
    email: string
    address: { country: string; city: string; line1: string; postcode?: string; province?: string }
  }
}

type Land = {
  jurisdiction: string
  locale: string
  given: readonly string[]
  family: readonly string[]
  /** East Asian names have the family’s first and no space. */
  joined?: boolean
  /** From 0 to 9,999. */
  phone: (n: number) => string
  city: string
  street: (n: number) => string
  province?: string
}

const FOUR = (n: number): string => String(n).padStart(4, '0')

const LANDS: readonly Land[] = [
  {
    jurisdiction: 'CN',
    locale: 'zh-Hans-CN',
    given: ['明', '秀兰', '伟', '静', '建国'],
    family: ['王', '李', '张', '刘', '高'],
    joined: true,
    phone: (n) => `+861380013${FOUR(n)}`,
    city: '杭州市',
    street: (n) => `文三路${n + 1}号${(n % 9) + 1}栋${(n % 30) + 101}室`,
    province: '浙江省',
  },
  {
    jurisdiction: 'DE',
    locale: 'de',
    given: ['Jonas', 'Lena', 'Emre', 'Käthe', 'Jürgen'],
    family: ['Weiß', 'Schäfer', 'Yılmaz', 'Nowak', 'Brandt'],
    phone: (n) => `+49151111${FOUR(n)}1`,
    city: 'Leipzig',
    street: (n) => `Gerberstraße ${n + 1}`,
  },
  {
    jurisdiction: 'KR',
    locale: 'ko',
    given: ['민준', '서연', '도윤', '하은', '지호'],
    family: ['김', '이', '박', '최', '정'],
    joined: true,
    phone: (n) => `+82105550${FOUR(n)}`,
    city: '서울특별시',
    street: (n) => `세종대로 ${n + 1}길 ${(n % 40) + 1}`,
  },
  {
    jurisdiction: 'FR',
    locale: 'fr',
    given: ['Élise', 'Hugo', 'Inès', 'Noé', 'Zoé'],
    family: ['Lefèvre', 'Moreau', 'Garcia', 'Benali', 'Roux'],
    phone: (n) => `+3361234${FOUR(n)}`,
    city: 'Nantes',
    street: (n) => `${n + 1} rue des Carmes`,
  },
  {
    jurisdiction: 'TW',
    locale: 'zh-Hant-TW',
    given: ['家豪', '淑芬', '志明', '雅婷', '怡君'],
    family: ['陳', '林', '黃', '吳', '蔡'],
    joined: true,
    phone: (n) => `+886900${FOUR(n)}00`,
    city: '臺北市',
    street: (n) => `和平東路${(n % 5) + 1}段${n + 1}號`,
  },
  {
    jurisdiction: 'HK',
    locale: 'zh-HK',
    given: ['子軒', '美玲', '家明', '詠詩', '偉業'],
    family: ['梁', '鄭', '何', '鄧', '馮'],
    joined: true,
    phone: (n) => `+8525111${FOUR(n)}`,
    city: '九龍',
    street: (n) => `彌敦道${n + 1}號`,
  },
  {
    jurisdiction: 'GB',
    locale: 'en-GB',
    given: ['Amelia', 'Oliver', 'Priya', 'Callum', 'Siân'],
    family: ['Hughes', 'Patel', 'Mac Gregor', 'O’Neill', 'Smythe'],
    phone: (n) => `+44740012${FOUR(n)}`,
    city: 'Leeds',
    street: (n) => `${n + 1} Otley Road`,
  },
  {
    jurisdiction: 'US-CA',
    locale: 'en-US',
    given: ['Maria', 'James', 'Aisha', 'Wei', 'Tyler'],
    family: ['Lopez', 'Johnson', 'Nguyen', 'Chen', 'Williams'],
    phone: (n) => `+1415555${FOUR(n)}`,
    city: 'San Francisco',
    street: (n) => `${n + 1} Valencia Street`,
  },
  {
    jurisdiction: 'JP',
    locale: 'ja',
    given: ['翔太', '結衣', '大輔', '美咲', '蓮'],
    family: ['佐藤', '鈴木', '高橋', '田中', '渡辺'],
    joined: true,
    phone: (n) => `+81901234${FOUR(n)}`,
    city: '横浜市',
    street: (n) => `西区みなとみらい${(n % 6) + 1}-${n + 1}`,
  },
  {
    jurisdiction: 'SG',
    locale: 'en-SG',
    given: ['Wei Ling', 'Arjun', 'Nurul', 'Jun Jie', 'Grace'],
    family: ['Tan', 'Kumar', 'Binte Ahmad', 'Lim', 'Wong'],
    phone: (n) => `+658111${FOUR(n)}`,
    city: 'Singapore',
    street: (n) => `${n + 1} Serangoon Road`,
  },
]

/** The nth person: everything about it follows from n. */
export function madePerson(n: number): MadePerson {
  const land = LANDS[n % LANDS.length] as Land
  const at = Math.floor(n / LANDS.length)
  const { given, family, province } = land
  const first = given[at % given.length] ?? ''
  const last = family[Math.floor(at / given.length) % family.length] ?? ''
  const country = land.jurisdiction.slice(0, 2)
  const address = { country, city: land.city, line1: land.street(at), ...(province && { province }) }
  return {
    key: `k${n}`,
    external_ref: `drill-${n}`,
    locale: land.locale,
    jurisdiction: land.jurisdiction,
    person: {
      name: land.joined ? last + first : `${first} ${last}`,
      phone: land.phone(at % 10_000),
      email: `person${n}@drill.invalid`,
      address,
    },
  }
}
