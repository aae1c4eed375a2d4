import type { FileFacts } from '../facts.ts'
import type { Check, Severity } from '../finding.ts'

const OTHERS = 0o077

function modeCheck(
  kind: FileFacts['kind'],
  severity: Severity,
  { when, mend }: { when: string; mend: string },
): Check {
  return {
    code: `${kind}_open`,
    area: 'files',
    severity,
    when,
    mend,
    look: ({ files = [] }) =>
      files
        .filter((file) => file.kind === kind && (file.mode & OTHERS) !== 0)
        .map(({ path, mode }) => ({
          seen: `${path} has mode ${mode.toString(8).padStart(4, '0')}: it is not for its owner alone.`,
          names: { path },
        })),
  }
}

export const fileChecks: readonly Check[] = [
  modeCheck('data_folder', 'high', { when: 'Others may enter the data folder.', mend: 'chmod 700 {path}' }),
  modeCheck('database', 'high', {
    when: "Others may read one of the database's files.",
    mend: 'chmod 600 {path}',
  }),
  modeCheck('key_folder', 'medium', { when: 'Others may enter the key folder.', mend: 'chmod 700 {path}' }),
  modeCheck('secret_file', 'critical', {
    when: 'Others may read a file that a setting names and that holds a secret.',
    mend: 'chmod 600 {path}',
  }),
]
