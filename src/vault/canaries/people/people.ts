import type { Address } from '../../fields/field-type.ts'
import { Chance } from './chance.ts'
import { personInBritain } from './en-gb.ts'
import { filledIn } from './template.ts'
import { personInChinese } from './zh-hans.ts'
import { personInTaiwan } from './zh-hant.ts'

/** Fields of a person, as any caller would send them. */
export type Person = { name?: string; phone?: string; email?: string; address?: Address }

export type MadeUp = { locale: string; jurisdiction: string; person: Person }

const MAKERS = { 'zh-Hans': personInChinese, 'zh-Hant': personInTaiwan, en: personInBritain } as const

export const MADE_UP_LOCALES = Object.keys(MAKERS) as readonly MadeUpLocale[]
export type MadeUpLocale = keyof typeof MAKERS

export type Wanted = {
  locale: MadeUpLocale
  seed: string
  /** How addresses of the platform's own mailboxes are made; none, no e-mail. */
  email?: string | undefined
  /** Numbers of the platform's own; without them one is made up, which may be somebody's. */
  phones?: readonly string[] | undefined
}

/** The nth person of a seed: the same each time. Pure. */
export function makeUp({ locale, seed, email, phones }: Wanted, nth: number): MadeUp {
  const chance = new Chance(`${locale}\n${seed}\n${nth}`)
  const made = MAKERS[locale](chance)
  const phone = phones && phones.length > 0 ? phones[nth % phones.length] : undefined
  return {
    ...made,
    person: {
      ...made.person,
      ...(phone !== undefined && { phone }),
      ...(email !== undefined && { email: filledIn(email, chance) }),
    },
  }
}
