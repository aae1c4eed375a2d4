/** The languages that templates are written in. The last is what everybody falls back to. */
export const NOTICE_LANGUAGES = ['zh-Hans', 'zh-Hant', 'en'] as const
export type NoticeLanguage = (typeof NOTICE_LANGUAGES)[number]
export const LAST_RESORT: NoticeLanguage = 'en'

/**
 * What a person is written to in, from best to last: the locale itself, its language with the script that it is written in there
 * (Unicode CLDR, likely subtags), its language, English. `zh-HK` → `zh-HK`, `zh-Hant`, `zh`, `en`.
 * What is no BCP 47 tag gives English alone.
 */
export function languageChain(locale: string): readonly string[] {
  const parsed = parse(locale)
  if (!parsed) return [LAST_RESORT]
  const { language, script } = parsed.maximize()
  const withScript = script === undefined ? [] : [`${language}-${script}`]
  return [...new Set([parsed.baseName, ...withScript, language, LAST_RESORT])]
}

/** The first of the chain that is `available`. English where that is none, available or not. */
export function noticeLanguage(
  locale: string,
  available: readonly NoticeLanguage[] = NOTICE_LANGUAGES,
): NoticeLanguage {
  const chain = languageChain(locale)
  for (const tag of chain) {
    const found = available.find((language) => language === tag)
    if (found) return found
  }
  return LAST_RESORT
}

/** Whether a reader of the locale gets another language than the own one, for want of a translation. */
export function isUntranslated(
  locale: string,
  available: readonly NoticeLanguage[] = NOTICE_LANGUAGES,
): boolean {
  const given = parse(noticeLanguage(locale, available))
  const asked = parse(locale)
  if (!asked || !given) return true
  const [a, b] = [asked.maximize(), given.maximize()]
  return a.language !== b.language || a.script !== b.script
}

function parse(locale: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(locale)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
