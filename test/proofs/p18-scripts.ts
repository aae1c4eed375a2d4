/** What the samples are made of: names and addresses as people of many scripts write them. All made up. */

export const list = (text: string): string[] => text.trim().split(/\s+/)

export type NameScript = { locale?: string; first: string[]; last: string[]; shape: readonly string[] }

/** `F` a given name, `L` a family name; the rest stands as it is. */
export const NAMES: readonly NameScript[] = [
  {
    first: list('小明 伟 秀兰 浩然 〇 央宗 一诺'),
    last: list('王 李 欧阳 司马 诸葛 第五 木 卓玛'),
    shape: ['LF', 'L', 'L F', 'LF 先生', 'LF（FL）'],
  },
  {
    locale: 'zh-Hant',
    first: list('志明 美玲 俊'),
    last: list('陳 歐陽 司馬 張簡'),
    shape: ['LF', 'LF 收', 'F'],
  },
  {
    first: list('阿卜杜拉 古丽 约翰 买买提'),
    last: list('买买提 艾合买提 史密斯'),
    shape: ['F·L', 'F・L', 'F•L•F', 'F'],
  },
  {
    locale: 'ja',
    first: list('太郎 さくら ヒロシ 翔'),
    last: list('山田 佐々木 高橋 原'),
    shape: ['L F', 'LF', 'L F 様', 'F'],
  },
  { first: list('太郎 さくら サクラ'), last: list('山田 田中 やまだ'), shape: ['L F', 'F', 'L　F'] },
  { first: list('민준 서연 준'), last: list('김 남궁 이 황보'), shape: ['LF', 'L F', 'L', 'LF 님'] },
  {
    first: list('Robert Ana Søren Łukasz Mª Anne-Marie X Zoë J.'),
    last: list("Smith O’Connor d'Arcy Żak Ñíguez Æ García"),
    shape: [
      'F L',
      'F "Bob" L',
      'L, F',
      'F F L',
      'F de la L',
      'F',
      'Dr. L',
      'F L, Jr.',
      'L',
      'F van L',
      'Mr F L',
      'F L (L)',
    ],
  },
  { locale: 'hu-HU', first: list('János Éva'), last: list('Nagy Szabó'), shape: ['L F', 'L F F', 'L'] },
  { first: list('Ánh Văn Thị Minh'), last: list('Nguyễn Trần Lê Hồ'), shape: ['L F F', 'L F', 'F L'] },
  {
    first: list('Юлия Иван Ольга'),
    last: list('Щербакова Ленин'),
    shape: ['F L', 'L F Ивановна', 'F', 'F Иванович'],
  },
  { first: list('محمد فاطمة عبد‌الله'), last: list('سلمان الحسن'), shape: ['F بن L', 'F L', 'F', 'F F L'] },
  { first: list('דוד שרה'), last: list('לוי כהן'), shape: ['F L', 'F בן L', 'F', 'L, F'] },
  { first: list('สมชาย สุดา'), last: list('ใจดี แก้วมณี'), shape: ['F L', 'F', 'คุณ F L'] },
  { first: list('अमित क्षितिज श्रेया'), last: list('शर्मा क्षत्रिय'), shape: ['F L', 'F', 'श्री F L'] },
  { first: list('Αθηνά Γιώργος'), last: list('Παπαδοπούλου'), shape: ['F L', 'F'] },
  { first: list('👩‍👩‍👧 😀 é̂̃ A'), last: list('🇫🇷 B 한'), shape: ['F', 'F L', 'FL', 'L'] },
  {
    first: list('გიორგი Արամ ታደሰ தமிழ்'),
    last: list('ბერიძე Պետրոսյան ከበደ செல்வன்'),
    shape: ['F L', 'F', 'L F F'],
  },
]

const digitsOf = (zero: number) => (n: number) =>
  Array.from(String(n), (digit) => String.fromCodePoint(zero + Number(digit))).join('')
const by = (table: string) => (n: number) =>
  Array.from(String(n), (digit) => Array.from(table)[Number(digit)]).join('')
const HAN_TENS = (n: number): string =>
  `${by('〇一二三四五六七八九')(Math.max(1, Math.floor(n / 100) % 10))}百${by('零一二三四五六七八九')(1 + (n % 9))}`
const words = (text: string) => (n: number) => list(text)[n % list(text).length]!

/** Ways to write a number. */
const DIGITS: readonly ((n: number) => string)[] = [
  String,
  digitsOf(0xff10), // full-width
  digitsOf(0x660), // Arabic-Indic
  digitsOf(0x6f0), // Persian
  digitsOf(0x966), // Devanagari
  digitsOf(0x9e6), // Bengali
  digitsOf(0xe50), // Thai
  digitsOf(0x1d7d8), // mathematical
  by('⓪①②③④⑤⑥⑦⑧⑨'),
  by('⁰¹²³⁴⁵⁶⁷⁸⁹'),
]
const HAN_DIGITS = [by('〇一二三四五六七八九'), by('零壹贰叁肆伍陆柒捌玖'), HAN_TENS, ...DIGITS]
const LATIN_DIGITS = [...DIGITS, words('Two Seven Twelve Forty-Two XIV siete quatre sieben Seventh')]

export type AddressScript = {
  country: string
  city: string
  town: string
  streets: string[]
  digits: readonly ((n: number) => string)[]
  /** `S` the street, `#` a number, `@` a letter. Every number is a house, unit or room. */
  shapes: readonly string[]
}

export const ADDRESSES: readonly AddressScript[] = [
  {
    country: 'CN',
    city: '三亚市',
    town: '三里屯街道',
    digits: HAN_DIGITS,
    streets: list('人民路 文一西路 和平里东街 滨江大道 西李家村 绿地中央广场 鼓楼大街 柳巷'),
    shapes: [
      'S#号万科城#栋#单元#室',
      'S#号',
      'S#组#号',
      'S@座#层#房',
      'S#-#-#',
      '#单元#室S',
      'S #号楼#',
      'S#弄#号#室',
      '#室，S',
      '@座#室 S',
      '#S',
      'S\n#号#室',
      '金色家园#栋#室',
      'S#号菜鸟驿站（店）代收，手机尾号#',
      '#号S#室',
      '(#)S',
    ],
  },
  {
    country: 'TW',
    city: '臺北市',
    town: '大安區',
    digits: HAN_DIGITS,
    streets: list('中山北路 陽明街 忠孝東路'),
    shapes: ['S#段#號#樓之#', 'S#巷#弄#號', '#樓 S#號', '# S', 'S#號#室'],
  },
  {
    country: 'JP',
    city: '広島市',
    town: '中区',
    digits: HAN_DIGITS,
    streets: list('舟入通り 銀座 丸の内 竹下通り'),
    shapes: ['S#丁目#-#', 'S#-#-# コーポ#号室', '#-#-# S', 'S #番地 メゾン#号'],
  },
  {
    country: 'KR',
    city: '서울특별시',
    town: '마포구',
    digits: DIGITS,
    streets: list('동교로 테헤란로 세종대로 독막로'),
    shapes: ['S # #동 #호', '# S', 'S#길 # #층', 'S # (서교동, 현대아파트 #동 #호)', '#호 S'],
  },
  {
    country: 'GB',
    city: 'London',
    town: 'Camden',
    digits: LATIN_DIGITS,
    streets: [
      'Main Street',
      'Clerkenwell Road',
      'St. John’s Lane',
      'Kingsway',
      'New Cavendish St.',
      'Park Avenue',
    ],
    shapes: [
      '# S',
      '#@ S',
      'Flat #, # S',
      'S #, Apt #@',
      'Apt # S',
      'S Apt #',
      'S Unit #\nGate code #',
      'c/o Hotel, room #, S',
      '#/# S',
      'S, #',
      'S #@',
      'Unit #@ S',
      '#-# S',
      '#@-S',
      'Suite # at S',
      'Room # S, Floor #',
    ],
  },
  {
    country: 'FR',
    city: 'Paris',
    town: 'Montmartre',
    digits: LATIN_DIGITS,
    streets: [
      'Rue Carnot',
      'Avenue Jean Navarre',
      'Boulevard de Strasbourg',
      'Chemin Bel Air',
      'Place Carnot',
    ],
    shapes: [
      '# S',
      '# bis S',
      'S #',
      'S, appt #',
      'Bâtiment @ escalier # S',
      'S bâtiment # porte #',
      '#, S, # étage',
      'S BP #',
    ],
  },
  {
    country: 'ES',
    city: 'Madrid',
    town: 'Centro',
    digits: LATIN_DIGITS,
    streets: ['Calle Arce', 'Avenida de la Independencia', 'Rua Silveira Martins', 'Via Pisacane'],
    shapes: [
      'S #, #º izq.',
      'S # piso # puerta @',
      '# S',
      'S s/n, casa #',
      'S #-#-#',
      'Edificio @ #, S',
      'S Bloco @ apto #',
    ],
  },
  {
    country: 'DE',
    city: 'Berlin',
    town: 'Mitte',
    digits: LATIN_DIGITS,
    streets: ['Bahnhofstraße', 'Simonsweg', 'Storgatan', 'Baggårde', 'Vrijheidstraat', 'Hauptstr.'],
    shapes: ['S #', 'S #@', '# S', 'S #, # OG', 'S # Wohnung #', 'S#', 'S # Hinterhaus #', '#@ S, #. tv'],
  },
  {
    country: 'RU',
    city: 'Москва',
    town: 'Арбат',
    digits: [...DIGITS, words('пять семь десять сто')],
    streets: ['улица Ленина', 'Гороховая улица', 'пр-т Мира', 'ул. Пушкина'],
    shapes: ['S, д. #, кв. #', 'S #', 'S дом # квартира #', '# S', 'S, #/#, корп. #', 'S д#к#'],
  },
  {
    country: 'SA',
    city: 'الرياض',
    town: 'النزهة',
    digits: [...DIGITS, words('خمسة سبعة عشرة')],
    streets: ['شارع النزهة', 'طريق الشام', 'شارع عمر المختار', 'الدرج'],
    shapes: ['# S', 'S #', 'S مبنى # شقة #', 'شقة # S', 'S، بناية #، الطابق #', 'S رقم #'],
  },
  {
    country: 'IL',
    city: 'תל אביב',
    town: 'מרכז',
    digits: DIGITS,
    streets: ['רחוב הרצל', 'שדרות רוטשילד', 'דיזנגוף'],
    shapes: ['S # דירה #', '# S', 'S #/#', 'S #, קומה #', 'S # כניסה @'],
  },
  {
    country: 'TH',
    city: 'กรุงเทพ',
    town: 'วัฒนา',
    digits: [...DIGITS, words('หนึ่ง สอง ห้า')],
    streets: list('ถนนสุขุมวิท ซอยทองหล่อ สีลม'),
    shapes: ['#/# S', '# S', 'S #', 'ห้อง # ชั้น # S', 'S# บ้านเลขที่ #', 'อาคาร@ #'],
  },
  {
    country: 'IN',
    city: 'मुंबई',
    town: 'अंधेरी',
    digits: [...DIGITS, words('पांच सात')],
    streets: ['महात्मा गांधी मार्ग', 'स्टेशन रोड', 'नेहरू पथ'],
    shapes: ['#, S', 'फ्लैट # S', '# S', 'S मकान नंबर #', 'S #'],
  },
  {
    country: 'TR',
    city: 'İstanbul',
    town: 'Beyoğlu',
    digits: LATIN_DIGITS,
    streets: ['Bayıldım Caddesi', 'Gül Sokak', 'Đường Lê Lợi', 'Jalan Sudirman', 'Οδός Ερμού'],
    shapes: ['S No:# Daire #', 'S No # Kat # D:#', '# S', 'S #/#', 'S tầng # phòng #', 'S blok @ no #'],
  },
]
