import type { FileFacts } from '../facts.ts'
import type { Check, Seen, Severity } from '../finding.ts'

const OTHERS = 0o077

function openOnes(files: readonly FileFacts[], kind: FileFacts['kind']): readonly FileFacts[] {
  return files.filter((file) => file.kind === kind && (file.mode & OTHERS) !== 0)
}

function seenOpen({ path, mode }: FileFacts): Seen {
  const seen = `${path} has mode ${mode.toString(8).padStart(4, '0')}: it is not for its owner alone.`
  return { seen, names: { path } }
}

function modeCheck(kind: FileFacts['kind'], severity: Severity, when: string, mend: string): Check {
  const look: Check['look'] = ({ files = [] }) => openOnes(files, kind).map(seenOpen)
  return { code: `${kind}_open`, area: 'files', severity, when, mend, look }
}

export const fileChecks: readonly Check[] = [
  modeCheck('data_folder', 'high', 'Others may enter the data folder.', 'chmod 700 {path}'),
  {
    code: 'database_open',
    area: 'files',
    severity: 'high',
    when: "Others may enter the data folder and read one of the database's files.",
    mend: 'chmod 600 {path}',
    look: ({ files = [] }) =>
      openOnes(files, 'data_folder').length > 0 ? openOnes(files, 'database').map(seenOpen) : [],
  },
  modeCheck('key_folder', 'medium', 'Others may enter the key folder.', 'chmod 700 {path}'),
  modeCheck(
    'secret_file',
    'critical',
    'Others may read a file that a setting names and that holds a secret.',
    'chmod 600 {path}',
  ),
]
