import { wordList } from '../text.ts'

/**
 * How names are hidden, as data: `show.ts` interprets it. A change that shows more or less raises `version`.
 * GB/T 41833-2022 asks that at least one character of the name be hidden; these rules hide all but the first character
 * or all but one part, and never tell how long the rest is.
 */
export const MASK_RULES = {
  version: 1,
  source: 'GB/T 41833-2022',
  hidden: '**',
  /** By the script of the first letter; the first rule that names the script counts, the last one takes the rest. */
  rules: [
    { scripts: ['Han', 'Bopomofo'], surname: 'prefix' },
    { scripts: ['Hangul'], surname: 'prefix' },
    { scripts: ['Hiragana', 'Katakana'], surname: 'first_word' },
    { scripts: [], surname: 'one_word' },
  ],
  /** 阿卜杜拉·买买提: which part is the family's differs by people, so one part is shown and the others are not. */
  partSeparators: '·・•‧∙･᛫',
  /** Languages that put the family name first although words are spaced and the script does not say so. */
  familyFirstLanguages: ['vi', 'hu'],
} as const

export type SurnameRule = (typeof MASK_RULES.rules)[number]['surname']

/** Family names of two characters where one is usual. Longest first is not needed: none begins with another. */
export const COMPOUND_SURNAMES = wordList(`
  欧阳 司马 上官 诸葛 东方 独孤 南宫 万俟 闻人 夏侯 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离
  长孙 宇文 司徒 鲜于 司空 闾丘 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延
  东郭 南门 羊舌 微生 左丘 东门 西门 第五 太史 端木 完颜 纳兰 叶赫 耶律
  歐陽 司馬 諸葛 東方 獨孤 南宮 萬俟 聞人 尉遲 赫連 澹臺 濮陽 公孫 仲孫 鍾離 鐘離 長孫 鮮于 閭丘 巫馬 顓孫 壤駟 樂正 穀梁
  軒轅 東郭 南門 東門 西門 完顏 納蘭 葉赫
  남궁 황보 제갈 사공 선우 서문 독고 동방 망절 어금 장곡 소봉`)

/** The commonest Japanese family names: only they tell 山田 太郎 from two Chinese names when no locale is given. */
export const JAPANESE_SURNAMES = wordList(`
  佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤 齋藤 斉藤 清水 山崎
  阿部 池田 橋本 山下 石川 中島 前田 藤田 後藤 小川 岡田 村上 長谷川 近藤 石井 坂本 遠藤 藤井 青木 福田 三浦 西村 藤原 太田
  松田 原田 岡本 中川 中野 小野 田村 竹内 金子 中山 和田 石田 工藤 上田 原 森田 酒井 横山 柴田 宮崎 宮本 内田 高木 谷口
  安藤 丸山 今井 大野 高田 菅原 河野 武田 藤本 上野 杉山 千葉 村田 増田 小島 桜井 大塚 平野 岩崎 野口 松尾 菊地 野村 新井`)

/** Vietnamese family names: they stand first, with or without a locale. */
export const VIETNAMESE_SURNAMES = wordList(
  'nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh trương lương đoàn trịnh',
)

/** A third word that ends so is a patronymic: the family name stands first (Щербакова Юлия Ивановна). */
export const PATRONYMIC = /(?:вич|вна|чна|вичь|оглы|кызы|улы|ович|івна)$/u

/** Small words that belong to the family name that follows them. */
export const PARTICLES = wordList(`
  de da do dos das del della di du des la las le los el van von der den ter ten te zu zum zur af av al bin ibn bint
  mc san santa y בן בר בת بن ابن بنت ال آل`)

/** Not names: with them taken away there must still be something to hide. */
export const TITLES = wordList(`
  mr mrs ms miss mx dr prof sir dame lady lord rev hon herr frau hr m mme mlle monsieur madame sr sra srta señor señora
  don doña dona dom sig signor signora dott ing jr jnr snr junior senior ii iii iv v phd md esq mba bey hanım
  г-н г-жа د السيد السيدة דר מר גב श्री श्रीमती นาย นาง นางสาว คุณ
  先生 女士 小姐 太太 老师 老師 师傅 師傅 同学 同學 经理 收 样 様 さん 君 ちゃん 님 씨 귀하`)
