import { graphemes } from '../text.ts'
import { MASK_RULES } from './masks.ts'
import { splitEmail } from './parse.ts'

const SHARED: ReadonlySet<string> = new Set(MASK_RULES.sharedDomains)

/** `m**@gmail.com`, `m**@**.example`. */
export function maskEmail(email: string): string {
  const { local, domain } = splitEmail(email)
  const characters = graphemes(local)
  const shown =
    MASK_RULES.rules.find(({ localCharacters }) => characters.length >= localCharacters)?.shown ?? 0
  const top = domain.slice(domain.lastIndexOf('.'))
  const host = SHARED.has(domain) ? domain : MASK_RULES.hidden + top
  return `${characters.slice(0, shown).join('')}${MASK_RULES.hidden}@${host}`
}
