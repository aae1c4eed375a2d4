import { wordList } from '../text.ts'

/**
 * How addresses are hidden, as data: `show.ts` and `street.ts` interpret it. GB/T 41833-2022 asks that unit, household
 * and room be hidden. Nothing is taken out of a street line: a street name is recognised and shown, all else is not.
 */
export const MASK_RULES = {
  version: 1,
  source: 'GB/T 41833-2022',
  hidden: '**',
  /** Which parts each view shows; `line1` only as its street name. Postcode and line2 stand in none but `full`. */
  rules: [
    { view: 'city', parts: ['country', 'province', 'city'] },
    { view: 'district', parts: ['country', 'province', 'city', 'district'] },
    { view: 'street', parts: ['country', 'province', 'city', 'district', 'town', 'line1'] },
  ],
  /** Words kept of one street name: more is a sentence, and a sentence may say anything. */
  maxStreetWords: 6,
} as const

/** Han characters that count, plain and financial, and the stems that number units. In a street name each becomes `*`. */
export const HAN_NUMERALS =
  '〇零○一二三四五六七八九十百千万萬两兩廿卅卌壹贰貳叁參肆伍陆陸柒捌玖拾佰仟甲乙丙丁戊己庚辛壬癸'
/** What a Han numeral counts in an address: households, rooms, floors, buildings. */
export const HAN_UNITS = '号號室户戶栋棟幢楼樓层層房门門座组組院店单單弄'
/** Of those, the ones that no street name has without being a unit. */
export const HAN_UNITS_ALWAYS = ['单元', '單元', '室', '号', '號', '户', '戶', '栋', '棟', '幢']
/** How a street or village name ends; 街道 is a district, 新村 a housing estate, 度假村 a resort. */
export const HAN_STREET_ENDS = [
  '通り',
  '大道',
  '大街',
  '胡同',
  '路',
  '街(?!道)',
  '(?<!街)道',
  '巷',
  '(?<!新|度假|公寓)村',
]

/** Street words that stand before the name, after it, on either side, or grown together with it. */
export const STREET_LEADS = wordList(`
  rue calle via viale vicolo corso piazza rua avenida travessa praça largo estrada carrer plaça quai chemin route impasse
  cours ruelle carrera camino paseo strada bulevardul calea aleea şoseaua ulica ul aleja plac jalan jl lorong đường phố
  rruga οδός λεωφόρος πλατεία شارع طريق جادة نهج خیابان کوچه רחוב שדרות דרך סמטת ถนน ซอย sokaq küçəsi triq straat
  bd boul av calzada`)
export const STREET_TAILS = wordList(`
  street st road rd lane ln drive dr close crescent terrace highway hwy parkway pkwy causeway mews caddesi cad sokak sk
  sokağı bulvarı utca útja tér gatve iela gatvė ulice marg मार्ग सड़क रोड पथ गली রোড সড়ক সরণি రోడ్డు சாலை தெரு ಮಾರ್ಗ റോഡ്
  փողոց պողոտա ქუჩა გამზირი katu tänav köçesi ko'chasi көшесі даңғылы`)
export const STREET_EITHER = wordList(`
  avenue ave boulevard blvd place square allée allee way улица ул проспект пр-т пр-кт переулок пер шоссе бульвар
  набережная наб вулиця вул площадь улица str strada aveenue bulevar trg`)
export const STREET_SUFFIXES = wordList(`
  straße strasse str gasse weg allee platz straat laan gracht kade plein gade gatan gata vägen vegen veien vej gate katu
  tie utca 로 길`)
/** Thai is written without spaces: the street word and the name are one word. */
export const STREET_PREFIXES = wordList('ถนน ซอย')

/** Units, buildings and organisations. A street name ends before them, and does not begin behind them without a number. */
export const UNIT_WORDS = wordList(`
  apt apartment apartments unit flat suite room rm floor fl level building bldg block blk tower house hse villa lot
  door gate code cottage lodge hall court mansion residence residences residencia résidence plaza mall centre center
  hotel hostel motel inn hospital school university college church office ltd llc inc gmbh co company bank club c/o
  care po box bp rear basement penthouse no nr num number
  appartement appt bâtiment bat étage porte escalier esc hall chambre bureau lotissement bis ter quater chez
  piso puerta pta bloque edificio edif escalera dpto departamento depto interior int casa manzana mz lote local bajo izq
  dcha izquierda derecha bloco apto apartamento andar sala conjunto cj torre scala interno palazzina condominio presso
  wohnung whg zimmer stock og eg hinterhaus haus etage hof bei lejlighed lejl sal dør tv th leilighet lägenhet lgh
  appartement kamer verdieping huis bus mieszkanie m piętro klatka byt patro číslo emelet ajtó lakás
  daire kat blok apartmanı sitesi no bina quận căn tầng phòng tòa nhà số unit kamar lantai gedung blok rumah rt rw
  дом д квартира кв корпус корп к строение стр подъезд этаж офис оф комната комн общежитие будинок буд
  شقة شقه بناية بنایه عمارة مبنى طابق دور غرفة فيلا منزل بيت رقم مكتب فندق پلاک واحد طبقه
  דירה קומה בית כניסה בניין חדר מלון
  फ्लैट मकान कमरा मंज़िल नंबर भवन होटल บ้าน ห้อง ชั้น อาคาร เลขที่ หมู่ โรงแรม
  διαμέρισμα όροφος κτίριο 아파트 빌라 빌딩 호텔 상가 오피스텔`)

/** Numbers as words, in the languages that the street words above are in. `dos` is left out: it is also Portuguese "of the". */
export const NUMBER_WORDS = wordList(`
  zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
  eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand first second third fourth
  fifth sixth seventh eighth ninth tenth
  un une deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante
  cinquante soixante cent premier première deuxième troisième
  uno una tres cuatro cinco seis siete ocho nueve diez once doce trece veinte treinta cuarenta cincuenta cien ciento
  doscientos quinientos primero segundo tercero um uma dois duas três quatro sete oito nove dez doze vinte trinta
  due tre quattro cinque sei sette otto dieci undici dodici venti trenta cento
  ein eins eine zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig hundert
  een twee drie vijf zes zeven negen tien twaalf twintig honderd fire fem seks syv otte ni ti två sju åtta nio tio
  jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć bir iki üç dört beş altı yedi sekiz dokuz yüz
  один одна два две три четыре пять шесть семь восемь девять десять двадцать тридцать сто двести пятьсот
  ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα δέκα
  واحد واحدة اثنان اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة عشر مئة مائة یک دو سه چهار پنج شش هفت هشت نه ده
  אחת אחד שתיים שניים שלוש ארבע חמש שש שבע שמונה תשע עשר עשרים מאה
  एक दो तीन चार पांच पाँच छह छः सात आठ नौ दस बीस सौ`)
/** The same where words are not spaced: any of these within a word makes it a number. */
export const NUMBER_SYLLABLES = wordList('หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ ร้อย ศูนย์')

/** Small words inside street names: neither names nor codes, though as short as a code. */
export const STREET_PARTICLES = wordList(
  'de da do dos das del della dei di du des la las le les los el al of the and van von der den het на der am im auf',
)

/** Places that are numbered by custom. A number of one or two digits after such a word is no room. */
export const NUMBERED_DISTRICTS = wordList(
  'quận phường district distrito sector secteur zona zone ward praha prague paris lyon marseille budapest dublin wien vienna',
)
