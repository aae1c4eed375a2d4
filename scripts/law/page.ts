import { isVerified } from '../../src/vault/incidents/law/freshness.ts'
import type { Jurisdiction, Rule } from '../../src/vault/incidents/law/rule.ts'
import { contentWords, limitWords, statusWords, thresholdWords, triggerWords } from './words.ts'

/** docs/law.md. */
export function lawPage(law: readonly Jurisdiction[]): string {
  const rules = law.flatMap((jurisdiction) => jurisdiction.rules)
  const unverified = rules.filter((rule) => !isVerified(rule)).length
  return `# The rules of law

**This is not legal advice.** It is evidence that was gathered, as the vault reckons with it: ${rules.length} rules of
${law.length} jurisdictions, of which ${unverified} are unverified. Whoever has a duty has it checked by counsel; whoever finds a rule
wrong mends its file.

Made by \`npm run law:generate\` from src/vault/incidents/law, one file a jurisdiction; what is changed here by hand is lost.

| Mark | How the rule is known |
|---|---|
| R | read in the statute’s text |
| Q | official text quoted in a checked note |
| S | secondary source: **unverified** |
| K | general knowledge: **unverified** |

A mark speaks of the rule’s limit, trigger and threshold. What it does not cover stands in the notes, with a mark of its own. A rule
that nobody has checked for 180 days warns. Only what is in force on the day on which a clock starts runs; what is promulgated or
proposed is listed. Dates and days are those of the zone named. Levels of harm are the vault’s own (unlikely, risk, high risk), with the
statute’s words beside them; classes of data are coarser than most statutes’. “Persons” are those who live there. What came into force after a
clock would have started is unclear, and runs. How an incident’s clocks are asked for, met and waived: [incidents.md](incidents.md#clocks).

${law.map(section).join('\n')}`
}

function section({ code, name, zone, zoneNote, rules }: Jurisdiction): string {
  return `## ${name} (${code})

Days of ${zone}.${zoneNote === undefined ? '' : ` ${zoneNote}`}

| Rule | Instrument | To | Starts with | Threshold | Limit | Status | Mark, checked |
|---|---|---|---|---|---|---|---|
${rules.map(row).join('\n')}

${rules.map(details).join('\n')}
`
}

function row(rule: Rule): string {
  const { id, instrument, article, audience, recipient, stage, mark, checkedOn } = rule
  const cells = [
    `\`${id}\`${stage === 'initial' ? '' : `, ${stage}`}`,
    `${instrument}; ${article}`,
    `${audience}: ${recipient}`,
    triggerWords(rule),
    thresholdWords(rule),
    limitWords(rule),
    statusWords(rule),
    `${mark}${isVerified(rule) ? '' : ', unverified'}; ${checkedOn}`,
  ]
  return `| ${cells.join(' | ')} |`
}

function details(rule: Rule): string {
  const { counting, exemptions, recordRetention, grades, notes } = rule
  const lines = [
    `source: ${rule.source}`,
    `binds: ${rule.who.any.join(', ')}${rule.who.none ? `; not: ${rule.who.none.join(', ')}` : ''}`,
    rule.coversPossible ? 'a leak that may have happened counts' : '',
    rule.staged ? 'what is not known yet may follow' : '',
    counting &&
      `days: the first is ${counting.firstDay}, an end on a day off ${counting.dayOff === 'stays' ? 'stays' : 'moves to the next business day'} (${counting.mark}: ${counting.basis})`,
    grades &&
      `sizes: ${grades.map(({ min, name }) => `${name} from ${min.toLocaleString('en-US')}`).join(', ')}`,
    `contents: ${contentWords(rule)}`,
    ...exemptions.map(({ words }) => `may be left out if: ${words}`),
    recordRetention && `records kept: ${recordRetention.n} ${recordRetention.unit}s`,
    ...notes.map(({ text, mark }) => `${text}${mark === undefined ? '' : ` (${mark})`}`),
  ]
  return `- \`${rule.id}\`
${lines
  .filter(Boolean)
  .map((line) => `  - ${line}`)
  .join('\n')}`
}
