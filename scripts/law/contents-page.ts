import type { Jurisdiction } from '../../src/vault/incidents/law/rule.ts'
import { GENERAL } from '../../src/vault/incidents/notices/templates/contents/general.ts'
import { NOTICE_AUDIENCES, NOTICE_ITEMS } from '../../src/vault/incidents/notices/templates/items.ts'
import type { NoticeContents, Requirement } from '../../src/vault/incidents/notices/templates/requirement.ts'

/** docs/notices-contents.md. */
export function contentsPage(law: readonly Jurisdiction[], files: readonly NoticeContents[]): string {
  return `# What a notice has to say

**This is not legal advice.** Made by \`npm run law:generate\` from src/vault/incidents/notices/templates/contents, one file a
jurisdiction; what is changed here by hand is lost. Marks as in [law.md](law.md): R read in the statute’s text, Q official text
quoted in a checked note, S secondary source, K general knowledge. S and K are **unverified**: have them checked by counsel.

## A draft

A draft is for one audience (\`persons\`, \`authority\`, \`partners\`, \`public\`) of one jurisdiction. Its texts are by item and language:
\`values.en.nature\` is what happened, in English. \`missingContents(draft)\` names each required item that a language lacks, with the
article that asks for it, and each language that has no text at all; while it names anything, the draft cannot be approved.
\`draftFaults(draft)\` names texts of more than 4,000 characters, and what has the shape of somebody’s e-mail address or
telephone number where none belongs: one text goes to everybody, so no one person’s data may be in it.

Besides what the law asks for, every notice has to say who sends it, what happened and whom to ask.

What hangs on a condition is required once the draft states it: \`late\` (the law’s time has passed), \`police_delay\` (the police asked
to wait), \`government_id\` (social security, driving licence or identity card numbers are in it), \`free_services\` (some are offered).

Values are text. They are neither HTML nor a template, however they look; unseen characters and such as turn the direction of text are
left out; a line end in the subject is a space.

## Whose contents

A person’s jurisdiction chooses: its own file, else the law that covers it (\`DE\` → EU, \`US-WA\` → US), else the general list. An audience
that a file does not have takes the general list; a public notice takes that for persons.

| Jurisdiction | Persons | Authority | Partners | Public |
|---|---|---|---|---|
${law.map((one) => whoseRow(one, files)).join('\n')}
| everywhere else | general | general | general | general |

## Languages

Fixed words are written in English (\`en\`), simplified Chinese (\`zh-Hans\`) and traditional Chinese (\`zh-Hant\`), for a reader of
fourteen. A person’s language is looked for in this order:

1. the locale itself;
2. its language with the script that it is written in there (Unicode CLDR’s likely subtags);
3. its language;
4. English.

| Locale | Chain | Gets |
|---|---|---|
| \`zh-HK\` | zh-HK → zh-Hant → zh → en | zh-Hant |
| \`zh-CN\`, \`zh\`, \`zh-SG\` | … → zh-Hans → zh → en | zh-Hans |
| \`en-GB\` | en-GB → en-Latn → en | en |
| \`ja\`, \`ko\`, \`de\`, none, no tag at all | … → en | en |

Only languages in which the draft goes out count: with \`en\` and \`zh-Hans\` alone, a reader of \`zh-HK\` gets English.

**A language.** A file beside src/vault/incidents/notices/templates/words/en.ts, with every word (it does not compile otherwise); its tag in
\`NOTICE_LANGUAGES\`; a line in \`words/index.ts\`. Somebody who speaks it from home reads it.

**A jurisdiction.** One file in contents/, named as in law/ (\`ch.ts\`, \`us-wa.ts\`), that exports \`contents\`; then \`npm run law:generate\`.
Items in the order of the law’s list, each with its article and the mark by which *you* know it.

## The general list

${section(GENERAL)}
${files.map((file) => `## ${nameOf(file, law)}\n\n${section(file)}`).join('\n')}`
}

function nameOf({ jurisdiction }: NoticeContents, law: readonly Jurisdiction[]): string {
  const name = law.find(({ code }) => code === jurisdiction)?.name ?? jurisdiction
  return `${name} (${jurisdiction})`
}

function whoseRow({ code }: Jurisdiction, files: readonly NoticeContents[]): string {
  const file = files.find(({ jurisdiction }) => jurisdiction === code)
  const state =
    code.length > 2 ? files.find(({ jurisdiction }) => jurisdiction === code.slice(0, 2)) : undefined
  const cells = NOTICE_AUDIENCES.map((audience) => {
    const takes = (one: NoticeContents | undefined) =>
      one?.audiences[audience] ?? (audience === 'public' ? one?.audiences.persons : undefined)
    if (takes(file)) return 'own'
    return state && takes(state) ? `of ${state.jurisdiction}` : 'general'
  })
  return `| ${[code, ...cells].join(' | ')} |`
}

function section({ audiences, english }: NoticeContents): string {
  const parts = NOTICE_AUDIENCES.flatMap((audience) => {
    const contents = audiences[audience]
    if (!contents || (audience === 'public' && contents === audiences.persons)) return []
    const { instrument, items, note } = contents
    return [
      `To **${audience}**: ${instrument}.${note === undefined ? '' : ` ${note}`}

| Item | | Article | Mark |
|---|---|---|---|
${items.map(row).join('\n')}
`,
    ]
  })
  const words = english ? [`English title, by law: “${english.subject}”.\n`] : []
  return [...parts, ...words].join('\n')
}

function row({ item, article, mark, onlyIf }: Requirement): string {
  const says = `${NOTICE_ITEMS[item]}${onlyIf === undefined ? '' : `, if \`${onlyIf}\``}`
  return `| \`${item}\` | ${says} | ${article} | ${mark} |`
}
